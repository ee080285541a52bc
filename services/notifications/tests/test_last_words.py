"""What a mail server's last word means, and what is kept after ours."""

from uuid import uuid4

import psycopg
import pytest

from contracts.pilates import PackageChanged, PackageSold
from contracts.portal import ErasureCompleted
from notifications.delivery import ledger
from notifications.settings import NotificationsSettings
from notifications.testing import Studio
from services.notifications.tests.reading import Reader
from services.notifications.tests.test_bounces import deliver, refusing, settings
from services.notifications.tests.test_delivery import MailServer, mail_server
from services.notifications.tests.told import address, package, tell

__all__ = ["mail_server", "settings"]


async def test_who_takes_nothing_from_us_says_nothing_of_the_recipient(
    reader: Reader, studio: Studio, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    sold = package()
    await tell(studio, PackageSold, package=sold)
    (receipt,) = await reader.told(recipient=str(sold.customer_email))
    refusing(mail_server, "554 5.7.1 Relay access denied")
    await deliver(settings, studio, receipt)
    assert (await reader.read(receipt["id"]))["state"] == "failed"
    low = package(balance=1, version=2, customer_email=sold.customer_email)
    await tell(studio, PackageChanged, package=low)
    await reader.told(kind="package_low", recipient=str(sold.customer_email))


async def test_a_crash_while_the_last_mail_is_forgotten_leaves_it_to_be_sent(
    reader: Reader,
    studio: Studio,
    settings: NotificationsSettings,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = {
        "customer_id": uuid4(),
        "customer_name": "Ana Silva",
        "business_name": "Core Berlin",
        "time_zone": "Europe/Berlin",
        "locale": "en",
        "email": address(),
    }
    await tell(studio, ErasureCompleted, erasure_id=uuid4(), **client)
    (mail,) = await reader.told(kind="erasure_completed")
    with monkeypatch.context() as crashing:
        crashing.setattr(ledger, "FORGET", "SELECT 1 / 0")
        with pytest.raises(psycopg.errors.DivisionByZero):
            await deliver(settings, studio, mail)
    left = await reader.read(mail["id"])
    assert (left["state"], left["recipient"]) == ("sending", client["email"])
    await deliver(settings, studio, mail)
    kept = await reader.read(mail["id"])
    assert (kept["state"], kept["recipient"], kept["body"]) == ("sent", "erased", None)
    # Not twice for its reader, whose mail program knows it by its Message-ID.
    assert len({taken.partition(b"Message-ID: ")[2][:60] for taken in mail_server.taken}) == 1
