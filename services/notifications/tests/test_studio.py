"""What the studio is told: of its bookings, and of its day."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest

from contracts.pilates import (
    ClassSessionCancelled,
    ClassSessionChanged,
    ClassSessionPublished,
    DropInPaid,
    PlaceBooked,
    PlaceCancelled,
)
from notifications.mails import sample_bookings
from notifications.testing import Studio, lesson
from services.notifications.tests.conftest import SEVERAL_LOOKS_SECONDS, MakeSettings, MovedClock
from services.notifications.tests.reading import Reader, says
from services.notifications.tests.told import (
    class_session,
    drop_in,
    found,
    hire,
    moved,
    place,
    tell,
)
from stack.signer import Signer


@pytest.fixture
async def owner_email(reader: Reader, studio: Studio) -> str:
    business = await found(studio)

    await reader.knows("businesses", studio.business_id)
    return str(business.email)


async def notices(reader: Reader, email: str, count: int, about: object) -> list[dict[str, object]]:
    return await reader.told(count, recipient=email, about=str(about))


async def hired(reader: Reader, studio: Studio) -> tuple[object, str]:
    member = await hire(studio)

    await reader.knows("staff_members", member.id)
    return member.id, str(member.email)


async def test_whoever_teaches_and_the_business_are_told_of_new_moved_and_cancelled(
    reader: Reader, studio: Studio, owner_email: str
) -> None:
    lena, lena_reads = await hired(reader, studio)
    tessa, tessa_reads = await hired(reader, studio)
    booked = lesson(staff_id=lena)
    await studio.tell(studio.confirmed(booked))
    moved_to = studio.rescheduled(booked, staff_id=tessa, staff_name="Tessa")
    await studio.tell(moved_to)
    await studio.tell(studio.cancelled(moved_to.appointment, cancelled_by="customer", late=True))
    kinds = ["booking_new", "booking_changed", "booking_cancelled"]
    by_email = {}
    for email, count in ((owner_email, 3), (lena_reads, 2), (tessa_reads, 2)):
        by_email[email] = await notices(reader, email, count, booked.id)
    assert sorted(mail["kind"] for mail in by_email[owner_email]) == sorted(kinds)
    assert {mail["kind"] for mail in by_email[lena_reads]} == {"booking_new", "booking_changed"}
    assert {mail["kind"] for mail in by_email[tessa_reads]} == set(kinds[1:])
    (cancelled,) = (m for m in by_email[owner_email] if m["kind"] == "booking_cancelled")
    assert says(cancelled, "Ana Silva has cancelled too late to do so free of charge")


async def test_a_request_is_told_of_once_and_a_deposit_is_waited_for(
    reader: Reader, studio: Studio, owner_email: str
) -> None:
    asked = lesson(status="pending")
    await studio.tell(studio.requested(asked))
    (mail,) = await notices(reader, owner_email, 1, asked.id)
    assert says(mail, "A booking waits to be confirmed")
    await studio.tell(studio.confirmed(moved(asked, status="confirmed")))
    to_client = {"recipient": str(asked.customer_email), "about": str(asked.id)}
    await reader.told(2, **to_client)
    pay_by = asked.starts_at - timedelta(days=1)
    owing = lesson(status="pending", deposit_status="awaited", pay_by=pay_by)
    await studio.tell(studio.requested(owing))
    await studio.tell(studio.cancelled(owing, cause="deposit_not_paid", was_confirmed=False))
    told = await reader.told(2, about=str(owing.id))
    assert {one["recipient"] for one in told} == {str(owing.customer_email)}
    await notices(reader, owner_email, 1, asked.id)


async def test_a_booking_is_told_of_although_its_change_was_heard_first(
    reader: Reader, studio: Studio, owner_email: str
) -> None:
    booked = lesson()
    await studio.tell(studio.rescheduled(booked))
    await notices(reader, owner_email, 1, booked.id)
    await studio.tell(studio.confirmed(booked))
    told = await notices(reader, owner_email, 2, booked.id)
    assert [mail["kind"] for mail in told] == ["booking_changed", "booking_new"]


async def test_of_classes_the_instructor_hears_once_and_of_each_place(
    reader: Reader, studio: Studio, owner_email: str
) -> None:
    lena, reads = await hired(reader, studio)
    session = class_session(instructor_id=lena)
    booked, paid = place(session=session), drop_in(session=session)
    await tell(studio, PlaceBooked, attendance=booked)
    await tell(studio, PlaceBooked, attendance=moved(paid, payment_status="awaited", version=1))
    receipt = sample_bookings.receipt(series="C")
    await tell(studio, DropInPaid, attendance=moved(paid), receipt=receipt)
    await notices(reader, reads, 1, booked.id)
    await notices(reader, owner_email, 1, paid.id)
    cancelled = moved(session, status="cancelled")
    gone = moved(booked, status="cancelled", session=cancelled)
    await tell(
        studio, PlaceCancelled, attendance=gone, cancelled_by="business", cause="session_cancelled"
    )
    await tell(studio, ClassSessionCancelled, session=cancelled, reason="The heating is broken.")
    (mail,) = await notices(reader, reads, 1, session.id)
    assert says(mail, "The studio has cancelled this class.", "The heating is broken.")
    assert await reader.all(recipient=owner_email, about=str(session.id)) == []
    await reader.told(2, recipient=str(booked.customer_email))
    await notices(reader, reads, 1, booked.id)
    later = session.starts_at + timedelta(hours=1)
    other = class_session(instructor_id=lena, starts_at=later)
    before = {"previous_starts_at": session.starts_at}
    await tell(studio, ClassSessionChanged, session=other, **before)
    (mail,) = await notices(reader, reads, 1, other.id)
    assert says(mail, "The studio has changed this class.", "Before, it was on")


async def test_the_studio_is_told_as_it_wants_and_each_address_once(
    reader: Reader, studio: Studio, owner_email: str
) -> None:
    alone = await hire(studio, email=owner_email.upper())

    await reader.knows("staff_members", alone.id)
    booked = await studio.confirm(staff_id=alone.id)
    await notices(reader, owner_email, 1, booked.id)
    assert (
        await reader.settings(notices_to_staff=False, notices_to_business=False)
    ).status_code == 200
    silent, marker = await studio.confirm(staff_id=alone.id), lesson()
    await studio.tell(studio.confirmed(marker))
    await reader.told(1, about=str(marker.id))
    assert len(await reader.all(about=str(silent.id))) == 1


async def test_the_day_comes_in_the_morning_to_who_has_bookings(
    timed: httpx2.AsyncClient,
    studio: Studio,
    signer: Signer,
    clock: MovedClock,
    make_settings: MakeSettings,
) -> None:
    reader = Reader(timed, studio, signer, make_settings().database_url)
    zone = ZoneInfo("Europe/Berlin")
    tomorrow = (datetime.now(zone) + timedelta(days=9)).date()

    def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
        day = tomorrow + timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)

    clock.set(at(12, days=-1))
    await found(studio, occurred_at=at(12, days=-1))
    lena, idle = await hire(studio), await hire(studio, name="Idle")
    await reader.knows("staff_members", idle.id)
    await reader.knows("businesses", studio.business_id)
    await reader.knows("mail_settings", studio.business_id)
    private = await studio.confirm(staff_id=lena.id, starts_at=at(9))
    pending = lesson(staff_id=lena.id, starts_at=at(11), status="pending", customer_name="Eva Roth")
    await studio.tell(studio.requested(pending))
    called_off = lesson(staff_id=lena.id, starts_at=at(13))
    await studio.tell(studio.cancelled(called_off))
    session = class_session(instructor_id=lena.id, starts_at=at(18))
    await tell(studio, ClassSessionPublished, session=session)
    taken = [place(session=session, spot_label=f"R{number}") for number in range(2)]
    for one in taken:
        await tell(studio, PlaceBooked, attendance=one)
    await studio.confirm(staff_id=lena.id, starts_at=at(22, days=1))
    next_day = await studio.confirm(staff_id=lena.id, starts_at=at(0, days=1))
    for one in (private, pending, called_off, session, *taken, next_day):
        await reader.knows("bookings", one.id)
    clock.set(at(6, 59))
    await asyncio.sleep(SEVERAL_LOOKS_SECONDS)
    assert await reader.all(kind="daily_agenda") == []
    clock.set(at(7))
    (mail,) = await reader.told(1, kind="daily_agenda")
    assert mail["recipient"] == lena.email
    rows = [line for line in mail["body"]["text"].splitlines() if "\u2013" in line]
    assert [" ".join(row.split()) for row in rows] == [
        "09:00 \u2013 09:55: Reformer private, Ana Silva",
        "11:00 \u2013 11:55: Reformer private, Eva Roth (not confirmed yet)",
        "18:00 \u2013 18:50: Reformer Flow (2 of 8)",
    ]
    clock.set(at(7, days=1))
    await reader.told(2, kind="daily_agenda")
