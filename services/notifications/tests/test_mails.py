"""From event to mailbox, on each broker."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2
import icalendar
import pytest

from chassis.testing import eventually
from notifications.testing import Mailbox, Studio, calendar_of, lesson
from stack.signer import Signer

pytestmark = pytest.mark.usefixtures("notifications")


async def test_a_confirmed_appointment_is_one_mail_with_text_html_and_invitation(
    studio: Studio, mailbox: Mailbox
) -> None:
    starts_at = datetime.now(UTC).replace(hour=9, minute=0, second=0) + timedelta(days=3)
    booked = await studio.confirm(starts_at=starts_at)
    mail = await mailbox.first_mail(booked.customer_email)
    assert mail["subject"].startswith("Confirmed: Reformer private, ")
    assert "95,00" in mail["text"]
    assert "Lena" in mail["text"]
    assert "Lena" in mail["html"]
    assert mail["headers"]["From"].startswith("Core Berlin <")
    assert mail["headers"]["Auto-Submitted"] == "auto-generated"
    calendar = icalendar.Calendar.from_ical(calendar_of(mail))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("REQUEST", booked.uid, 0)
    kinds = [part["content_type"].partition(";")[0] for part in mail["attachments"]]
    assert kinds == ["text/calendar", "application/ics"]


async def test_a_cancelled_appointment_is_struck_out_by_the_same_uid(
    studio: Studio, mailbox: Mailbox
) -> None:
    booked = await studio.confirm()
    await mailbox.first_mail(booked.customer_email)
    await studio.tell(studio.cancelled(booked, reason="Lena is ill"))

    async def second() -> bool:
        return len(await mailbox.mails(booked.customer_email)) == 2

    await eventually(second)
    mail = (await mailbox.mails(booked.customer_email))[0]
    assert "Lena is ill" in mail["text"]
    calendar = icalendar.Calendar.from_ical(calendar_of(mail))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (event["UID"], event["SEQUENCE"]) == (booked.uid, 1)


async def test_an_event_told_three_times_is_one_mail(studio: Studio, mailbox: Mailbox) -> None:
    booked = lesson()
    event = studio.confirmed(booked)
    again = studio.confirmed(booked)
    await asyncio.gather(studio.tell(event), studio.tell(event), studio.tell(again))
    await mailbox.first_mail(booked.customer_email)
    marker = await studio.confirm()
    await mailbox.first_mail(marker.customer_email)
    assert len(await mailbox.mails(booked.customer_email)) == 1


async def test_nothing_is_said_where_silence_is_wanted_or_it_is_over(
    studio: Studio, mailbox: Mailbox, notifications: httpx2.AsyncClient, signer: Signer
) -> None:
    past = lesson(starts_at=datetime.now(UTC) - timedelta(hours=3))
    await studio.tell(
        studio.confirmed(lesson(), notify_customer=False),
        studio.confirmed(lesson(customer_email=None)),
        studio.confirmed(past),
    )
    marker = await studio.confirm()
    await mailbox.first_mail(marker.customer_email)
    listed = await notifications.get("/api/messages", headers=signer.bearer(studio.business_id))
    assert [item["recipient"] for item in listed.json()["items"]] == [marker.customer_email]


async def test_a_hostile_name_forges_no_header_no_tag_and_no_calendar_line(
    studio: Studio, mailbox: Mailbox
) -> None:
    name = '<b>Ana</b>\r\nBcc: evil@example.com\n\x00{{ 7*7 }}, "the; boss"'
    booked = await studio.confirm(customer_name=name, service_name=name, business_name=name)
    mail = await mailbox.first_mail(booked.customer_email)
    assert "Bcc" not in mail["headers"]
    assert mail["to"] == [booked.customer_email]
    assert "<b>Ana" not in mail["html"]
    assert "{{ 7*7 }}" in mail["text"]
    (event,) = icalendar.Calendar.from_ical(calendar_of(mail)).walk("VEVENT")
    assert event["ATTENDEE"] == f"mailto:{booked.customer_email}"
