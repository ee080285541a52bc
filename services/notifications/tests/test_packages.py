"""What is said of packages of credits."""

from datetime import UTC, datetime, timedelta

from contracts.pilates import PackageChanged, PackageExpiryNeared, PackageSold, PackageVoided
from notifications.mails import sample_bookings
from notifications.testing import Studio
from services.notifications.tests.reading import Reader, says
from services.notifications.tests.told import know, moved, package, tell


async def test_a_sale_is_a_receipt_and_a_gift_is_none(reader: Reader, studio: Studio) -> None:
    sold, given = package(expires_on="2100-02-23"), package(price_cents=0)
    receipt = sample_bookings.receipt(series="C", number=12, amount_cents=24000)
    await tell(studio, PackageSold, package=sold, receipt=receipt)
    await tell(studio, PackageSold, package=given)
    (mail,) = await reader.told(recipient=str(sold.customer_email))
    assert mail["body"]["subject"] == "Receipt C12: 10er-Karte"
    assert says(mail, "240,00", "Valid until", "Tuesday, 23 February 2100")
    (mail,) = await reader.told(recipient=str(given.customer_email))
    assert "Receipt" not in mail["body"]["text"]


async def test_low_is_said_when_the_balance_falls_to_the_last_credit_and_each_time_anew(
    reader: Reader, studio: Studio
) -> None:
    two = package(balance=2, version=9)
    one, none = moved(two, balance=1), moved(two, balance=0, version=11)
    filled, spent = moved(none, balance=5), moved(none, balance=1, version=13)
    for now in (two, one, none, filled, spent):
        await tell(studio, PackageChanged, package=now)

    await tell(studio, PackageExpiryNeared, package=moved(spent))
    await reader.told(1, recipient=str(two.customer_email), kind="package_expiring")
    mails = await reader.told(2, recipient=str(two.customer_email), kind="package_low")
    assert all(says(mail, "one credit is left") for mail in mails)


async def test_an_older_balance_that_comes_late_says_nothing(
    reader: Reader, studio: Studio
) -> None:
    newest = package(balance=8, version=5)
    older = package(id=newest.id, customer_id=newest.customer_id, balance=1, version=3)
    await tell(studio, PackageChanged, package=newest)
    await tell(studio, PackageChanged, package=older)
    low = package(balance=1, version=2)
    await tell(studio, PackageChanged, package=low)
    (mail,) = await reader.told(1, kind="package_low")
    assert mail["about"] == str(low.id)


async def test_what_its_end_took_is_not_called_low(reader: Reader, studio: Studio) -> None:
    days_ago = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    await tell(studio, PackageChanged, package=package(balance=0, version=4, expires_on=days_ago))
    low = package(balance=0, version=2)
    await tell(studio, PackageChanged, package=low)
    (mail,) = await reader.told(1, kind="package_low")
    assert mail["about"] == str(low.id)
    assert says(mail, "no credit is left")


async def test_who_wants_no_mails_gets_the_receipt_alone(reader: Reader, studio: Studio) -> None:
    quiet = await know(studio, contact_preferences={"email": False})
    await reader.knows("customers", quiet.id)

    def of(**changed: object) -> object:
        return package(customer_id=quiet.id, customer_email=quiet.email, **changed)

    low = of(balance=1, version=2)
    await tell(studio, PackageSold, package=of())
    await tell(studio, PackageChanged, package=low)
    await tell(studio, PackageExpiryNeared, package=moved(low))
    marker = package(balance=1, version=2)
    await tell(studio, PackageChanged, package=marker)
    await tell(studio, PackageExpiryNeared, package=moved(marker))
    await reader.told(2, recipient=str(marker.customer_email))
    (mail,) = await reader.told(1, recipient=str(quiet.email))
    assert mail["kind"] == "package_sold"


async def test_a_sale_that_is_taken_back_is_told_once_and_not_called_low(
    reader: Reader, studio: Studio
) -> None:
    back = sample_bookings.receipt(series="C", number=13, kind="refund", amount_cents=12000)
    gone = package(balance=0, version=2, voided_at=datetime.now(UTC))
    await tell(studio, PackageVoided, package=gone, reason="Moved away.", receipt=back)
    await tell(studio, PackageChanged, package=gone)
    low = package(balance=1, version=2)
    await tell(studio, PackageChanged, package=low)
    await reader.told(1, about=str(low.id))
    (mail,) = await reader.told(1, about=str(gone.id))
    assert says(mail, "has taken back the sale", "Moved away.", "120,00")
