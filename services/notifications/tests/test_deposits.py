"""What a customer reads about a deposit."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from chassis.testing import eventually
from contracts.scheduling import Appointment
from notifications.testing import Mailbox, Studio, invited, lesson, messages_of, says, words
from stack.signer import Signer

pytestmark = pytest.mark.usefixtures("notifications")

IN_SUMMER = datetime(2100, 7, 6, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def broker_url(pgmq_url: str) -> str:
    return pgmq_url


def with_deposit(**changed: Any) -> Appointment:
    told = {
        "status": "pending",
        "deposit_cents": 123450,
        "deposit_status": "awaited",
        "pay_by": IN_SUMMER,
    }
    return lesson(**told | changed)


async def test_an_awaited_deposit_says_how_much_and_by_when(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = with_deposit()
    await studio.tell(studio.requested(booked))
    mail = await mailbox.first_mail(booked.customer_email)
    assert mail["subject"].startswith("Deposit due: Reformer private, ")
    assert says(
        mail,
        "pay the deposit of 1.234,50 € on the page where you booked by",
        "6 July 2100, 10:00 (Central European",
    )
    assert mail["attachments"] == []
    approval = lesson(status="pending")
    await studio.tell(studio.requested(approval))
    mail = await mailbox.first_mail(approval.customer_email)
    assert mail["subject"].startswith("Requested: Reformer private, ")
    assert "deposit" not in words(mail["text"]) + words(mail["html"])


async def test_whoever_closed_the_page_pays_from_the_mail(studio: Studio, mailbox: Mailbox) -> None:
    booked = with_deposit()
    pay_url = f"https://book.example/api/public/deposits/{'aB-_' * 16}/pay"
    await studio.tell(studio.requested(booked, pay_url=pay_url))
    mail = await mailbox.first_mail(booked.customer_email)
    assert says(mail, "Pay the deposit", "pay the deposit of 1.234,50 € by", "6 July 2100, 10:00")
    assert f"Pay the deposit: {pay_url}" in mail["text"].splitlines()
    assert f'href="{pay_url}"' in mail["html"]
    assert "page where you booked" not in words(mail["text"]) + words(mail["html"])


async def test_a_time_that_was_not_paid_for_is_not_kept_and_was_in_no_calendar(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = with_deposit()
    await studio.tell(studio.cancelled(booked, cause="deposit_not_paid"))
    mail = await mailbox.first_mail(booked.customer_email)
    assert mail["subject"].startswith("Not booked: Reformer private, ")
    assert says(mail, "because the deposit of 1.234,50 € did not arrive in time")
    assert "had to cancel" not in words(mail["text"]) + words(mail["html"])
    assert mail["attachments"] == []


async def test_a_paid_deposit_is_a_receipt_beside_the_confirmation(
    studio: Studio, mailbox: Mailbox
) -> None:
    paid = with_deposit(status="confirmed", deposit_status="paid", pay_by=None)
    await studio.tell(studio.paid(paid, 17), studio.confirmed(paid))
    mails = await mailbox.mails_to(paid.customer_email, 2)
    by_subject = {mail["subject"].partition(":")[0]: mail for mail in mails}
    receipt = by_subject["Receipt 17"]
    assert receipt["subject"].startswith("Receipt 17: deposit for Reformer private, ")
    assert says(receipt, "received your deposit", "1.234,50 €", "Lena")
    assert receipt["attachments"] == []
    assert invited(by_subject["Confirmed"])[:3] == ("REQUEST", paid.uid, 0)


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("paid_too_late", "could not keep this time for you any longer"),
        ("cancelled", "is cancelled"),
        ("by_the_studio", "Core Berlin gives your deposit back"),
        ("not_owed", "was not owed"),
    ],
)
async def test_a_refund_says_why_and_how_much(
    studio: Studio, mailbox: Mailbox, cause: str, sentence: str
) -> None:
    booked = with_deposit(status="cancelled", deposit_status="refunded")
    await studio.tell(studio.refunded(booked, 18, cause))
    mail = await mailbox.first_mail(booked.customer_email)
    assert mail["subject"].startswith("Refund 18: deposit for Reformer private, ")
    assert says(mail, sentence, "You get back what you have paid.", "1.234,50 €")
    assert mail["attachments"] == []


async def test_money_is_written_as_its_currency_and_country_do(
    studio: Studio, mailbox: Mailbox
) -> None:
    paid = with_deposit(currency="JPY", locale="ja-JP", deposit_cents=1500)
    await studio.tell(studio.paid(paid, 1))
    mail = await mailbox.first_mail(paid.customer_email)
    assert "1,500" in words(mail["text"])
    assert "15.00" not in words(mail["text"])


async def test_each_receipt_is_one_mail_even_of_one_version_and_of_the_past(
    studio: Studio, mailbox: Mailbox
) -> None:
    past = datetime.now(UTC) - timedelta(days=3)
    booked = with_deposit(starts_at=past, status="cancelled", deposit_status="refunded")
    first, second = (studio.refunded(booked, number, "paid_too_late") for number in (3, 4))
    await studio.tell(first, second, first, studio.refunded(booked, 4, "paid_too_late"))
    mails = await mailbox.mails_to(booked.customer_email, 2)
    assert {mail["subject"].partition(":")[0] for mail in mails} == {"Refund 3", "Refund 4"}


async def test_a_receipt_is_sent_again_whatever_has_become_of_the_appointment(
    studio: Studio, mailbox: Mailbox, notifications: httpx2.AsyncClient, signer: Signer
) -> None:
    member = signer.bearer(studio.business_id)
    paid = with_deposit(status="confirmed", deposit_status="paid")
    await studio.tell(studio.paid(paid, 17))
    await mailbox.mails_to(paid.customer_email, 1)
    await studio.tell(studio.cancelled(paid))
    await mailbox.mails_to(paid.customer_email, 2)

    async def receipt() -> UUID | None:
        found = await messages_of(notifications, member, about=str(paid.id), kind="deposit_paid")
        return UUID(found[0]["id"]) if found[0]["state"] == "sent" else None

    place = f"/api/messages/{await eventually(receipt)}/resend"
    again = await notifications.post(place, headers=member)
    assert again.status_code == 201, again.text
    mails = await mailbox.mails_to(paid.customer_email, 3)
    assert mails[-1]["subject"] == mails[0]["subject"]


async def test_no_header_is_forged_by_what_people_are_called(
    studio: Studio, mailbox: Mailbox
) -> None:
    name = "Lena\r\nBcc: evil@example.com"
    told = {"customer_name": name, "service_name": name, "staff_name": name, "business_name": name}
    booked = with_deposit(status="confirmed", deposit_status="paid", **told)
    moved = studio.rescheduled(booked, staff_name="Tessa", ends_at=booked.ends_at)
    moved = moved.model_copy(
        update={"previous_staff_id": UUID(int=1), "previous_staff_name": f"{name}\x00"}
    )
    reopened = studio.reopened(moved.appointment)
    events = (moved, reopened, studio.paid(booked, 1), studio.refunded(booked, 2, "cancelled"))
    for number, event in enumerate(events, 1):
        await studio.tell(event)
        # What is heard after a later change has been told of is not told any more.
        mails = await mailbox.mails_to(booked.customer_email, number)
    for mail in mails:
        assert "Bcc" not in mail["headers"], mail["subject"]
        assert mail["to"] == [booked.customer_email]
        assert "Bcc: evil@example.com" in mail["subject"], "It is only a name"
    assert "instead of Lena Bcc: evil" in "".join(words(mail["text"]) for mail in mails)
