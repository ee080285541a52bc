"""What a customer reads when an appointment changes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import icalendar
import pytest

from chassis.testing import eventually
from contracts.scheduling import AppointmentKept
from notifications.testing import (
    Mailbox,
    Studio,
    calendar_of,
    invited,
    lesson,
    messages_of,
    says,
    words,
)
from stack.signer import Signer

pytestmark = pytest.mark.usefixtures("notifications")

BERLIN_SUMMER = datetime.now(UTC).replace(
    year=datetime.now(UTC).year + 1, month=7, day=6, hour=8, minute=0, second=0, microsecond=0
)
"""Ten o'clock in Berlin."""


@pytest.fixture(scope="module")
def broker_url(pgmq_url: str) -> str:
    return pgmq_url


async def test_a_moved_appointment_says_when_it_was_and_moves_in_the_calendar(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = await studio.confirm(starts_at=BERLIN_SUMMER)
    await mailbox.mails_to(booked.customer_email, 1)
    later = BERLIN_SUMMER + timedelta(hours=4)
    moved = studio.rescheduled(booked, starts_at=later, ends_at=later + timedelta(minutes=55))
    await studio.tell(moved)
    _, mail = await mailbox.mails_to(booked.customer_email, 2)
    assert mail["subject"].startswith("Moved: Reformer private, now ")
    assert says(
        mail, "efore, it was on", "10:00", "14:00 \u2013 14:55", "changes it in your calendar"
    )
    assert "instead of" not in words(mail["text"]) + words(mail["html"])
    assert invited(mail) == ("REQUEST", booked.uid, 1, "CONFIRMED")
    (event,) = icalendar.Calendar.from_ical(calendar_of(mail)).walk("VEVENT")
    assert (event.start, event.end) == (later, later + timedelta(minutes=55))


async def test_another_length_and_another_teacher_are_named(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = await studio.confirm(starts_at=BERLIN_SUMMER)
    await mailbox.mails_to(booked.customer_email, 1)
    longer = studio.rescheduled(booked, ends_at=BERLIN_SUMMER + timedelta(minutes=85))
    await studio.tell(longer)
    _, mail = await mailbox.mails_to(booked.customer_email, 2)
    assert mail["subject"].startswith("Changed: Reformer private, ")
    assert says(mail, "It lasts 85 minutes instead of 55 minutes.", "10:00 \u2013 11:25")
    assert "efore, it was on" not in words(mail["text"]) + words(mail["html"])
    taken_over = studio.rescheduled(longer.appointment, staff_id=uuid4(), staff_name="Tessa")
    await studio.tell(taken_over)
    *_, mail = await mailbox.mails_to(booked.customer_email, 3)
    assert mail["subject"].startswith("Changed: Reformer private, ")
    assert says(mail, "It is with Tessa instead of Lena.")
    assert "minutes instead" not in words(mail["text"])
    assert invited(mail) == ("REQUEST", booked.uid, 2, "CONFIRMED")


async def test_a_lesson_that_begins_earlier_and_ends_as_before_lasts_longer(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = lesson(starts_at=BERLIN_SUMMER)
    await studio.tell(studio.rescheduled(booked, starts_at=BERLIN_SUMMER - timedelta(minutes=15)))
    mail = await mailbox.first_mail(booked.customer_email)
    assert says(mail, "efore, it was on", "lasts 70 minutes instead of 55 minutes")


async def test_what_is_not_confirmed_yet_moves_without_an_invitation(
    studio: Studio, mailbox: Mailbox
) -> None:
    pending = lesson(status="pending", starts_at=BERLIN_SUMMER)
    later = BERLIN_SUMMER + timedelta(hours=1)
    moved = studio.rescheduled(pending, starts_at=later, ends_at=later + timedelta(minutes=55))
    await studio.tell(moved)
    mail = await mailbox.first_mail(pending.customer_email)
    assert mail["attachments"] == []
    assert "invitation" not in words(mail["text"]) + words(mail["html"])


async def test_what_the_studio_declines_is_struck_out_of_no_calendar(
    studio: Studio, mailbox: Mailbox
) -> None:
    pending = lesson(status="pending")
    await studio.tell(studio.cancelled(pending, was_confirmed=False, reason="Lena is ill."))
    mail = await mailbox.first_mail(pending.customer_email)
    assert mail["subject"].startswith("Not booked: Reformer private, ")
    assert says(mail, "e cannot take your booking", "Reason: Lena is ill.")
    assert "cancel" not in (words(mail["text"]) + words(mail["html"])).lower()
    assert mail["attachments"] == []
    assert "text/calendar" not in str(mail)


async def test_who_takes_a_request_back_reads_that_and_no_more(
    studio: Studio, mailbox: Mailbox
) -> None:
    pending = lesson(status="pending")
    taken_back = studio.cancelled(pending, was_confirmed=False, cancelled_by="customer")
    await studio.tell(taken_back)
    mail = await mailbox.first_mail(pending.customer_email)
    assert says(mail, "is cancelled, as you asked")
    assert mail["attachments"] == []


async def test_a_reopened_appointment_is_in_the_calendar_again(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = await studio.confirm()
    await mailbox.mails_to(booked.customer_email, 1)
    cancelled = studio.cancelled(booked)
    await studio.tell(cancelled)
    await mailbox.mails_to(booked.customer_email, 2)
    await studio.tell(studio.reopened(cancelled.appointment))
    mails = await mailbox.mails_to(booked.customer_email, 3)
    assert [invited(mail) for mail in mails] == [
        ("REQUEST", booked.uid, 0, "CONFIRMED"),
        ("CANCEL", booked.uid, 1, "CANCELLED"),
        ("REQUEST", booked.uid, 2, "CONFIRMED"),
    ]
    assert mails[-1]["subject"].startswith("Confirmed again: Reformer private, ")
    assert "takes place after all" in words(mails[-1]["html"])


async def test_an_older_event_that_comes_late_says_nothing_any_more(
    studio: Studio, mailbox: Mailbox, notifications: httpx2.AsyncClient, signer: Signer
) -> None:
    booked = lesson()
    await studio.tell(studio.cancelled(booked))
    await mailbox.mails_to(booked.customer_email, 1)
    await studio.tell(studio.confirmed(booked))
    member = signer.bearer(studio.business_id)

    async def given_up() -> list[dict[str, object]]:
        return await messages_of(notifications, member, state="failed")

    (message,) = await eventually(given_up)
    assert message["kind"] == "appointment_confirmed"
    assert message["failed_reason"] == "A later message says otherwise."
    (mail,) = await mailbox.mails(booked.customer_email)
    assert invited(mail)[0] == "CANCEL"


async def test_what_could_not_be_moved_says_why_and_stays_in_the_calendar(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = lesson(starts_at=BERLIN_SUMMER)
    kept = AppointmentKept(
        occurred_at=datetime.now(UTC),
        business_id=studio.business_id,
        appointment=booked,
        wished_starts_at=BERLIN_SUMMER + timedelta(hours=1),
        not_held="no-credit",
    )
    await studio.tell(kept)
    mail = await mailbox.first_mail(booked.customer_email)
    assert says(mail, "could not move your appointment", "11:00", "No package of yours has")
    assert mail["attachments"] == []


async def test_what_is_not_booked_for_want_of_a_machine_says_so(
    studio: Studio, mailbox: Mailbox
) -> None:
    pending = lesson(status="pending")
    declined = studio.cancelled(pending, was_confirmed=False, not_held="machines-short")
    await studio.tell(declined)
    mail = await mailbox.first_mail(pending.customer_email)
    assert mail["subject"].startswith("Not booked: ")
    assert says(mail, "what is needed for it is not free then")
