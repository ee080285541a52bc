"""Feeds: one text a booking, read as calendar apps read it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import icalendar
import nats
import pytest
import vobject
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from calendaring.feed_pages import PAGE_EVENTS
from calendaring.vevent import Occasion, escaped, folded, vevent
from chassis.testing import eventually, served
from contracts import catalog
from contracts.feeds import FeedPart, ReadSchedulingFeed
from scheduling import worker
from scheduling.settings import SchedulingSettings
from services.scheduling.tests.moved_clock import TODAY

MONDAY = "2027-01-04"
HOSTILE = (
    'Zoë "Z" O\'Brien; Müller, C:\\New\\nice \\, \\; \\\\N END:VEVENT BEGIN:VALARM '
    "🧘‍♀️日本語 ﷽ " + "ä" * 90
)


class Feeds:
    def __init__(self, line: nats.NATS) -> None:
        self.line = line

    async def answer(self, studio: Any, **changed: Any) -> FeedPart:
        wanted = {
            "business_id": studio.id,
            "scope": "business",
            "id": studio.id,
            "names": True,
            "at": TODAY,
        }
        asked = ReadSchedulingFeed.model_validate(wanted | changed)
        answer = await self.line.request(
            asked.subject, asked.model_dump_json().encode(), timeout=20
        )
        envelope = json.loads(answer.data)
        assert envelope["problem"] is None, envelope
        return FeedPart.model_validate(envelope["reply"])

    async def events(self, studio: Any, **changed: Any) -> list[icalendar.Event]:
        return parsed((await self.answer(studio, **changed)).events or "")


@pytest.fixture(scope="session")
async def feeds(nats_url: str) -> AsyncIterator[Feeds]:
    line = await nats.connect(nats_url)
    yield Feeds(line)
    await line.close()


def whole(events: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bookly//EN\r\n" + events + "END:VCALENDAR\r\n"
    )


def parsed(events: str) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(whole(events)).walk("VEVENT")


async def cancel(studio: Any, booked: dict[str, Any], version: int = 1) -> None:
    answer = await studio.client.post(
        f"/api/appointments/{booked['id']}/cancel",
        headers=studio.owner | {"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 200, answer.text


async def test_a_booking_is_in_the_feeds_of_all_whom_it_concerns(open_studio, feeds) -> None:
    studio = await open_studio(people=2)
    booked = (await studio.book(f"{MONDAY}T08:00:00Z", staff_id=str(studio.staff[0]))).json()
    (event,) = await feeds.events(studio)
    assert event["UID"] == booked["uid"]
    assert event["SUMMARY"] == "Reformer private · Ada Guest"
    assert event.start == datetime(2027, 1, 4, 8, tzinfo=UTC)
    assert event.end == datetime(2027, 1, 4, 9, tzinfo=UTC)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)
    of_staff = {"scope": "staff_member"}
    assert len(await feeds.events(studio, **of_staff, id=studio.staff[0])) == 1
    assert await feeds.events(studio, **of_staff, id=studio.staff[1]) == []
    assert await feeds.events(studio, scope="resource", id=uuid4()) == []
    nobody = uuid4()
    assert await feeds.events(studio, business_id=nobody, id=nobody) == []


async def test_a_guest_who_becomes_a_customer_has_a_feed(open_studio, feeds) -> None:
    studio = await open_studio()
    await studio.book(f"{MONDAY}T08:00:00Z")
    customer = catalog.Customer(
        id=uuid4(), version=1, name="Ada Guest", email="ada@example.com", phone=None
    )
    before = await feeds.answer(studio, scope="customer", id=customer.id)
    await studio.tell(catalog.CustomerChanged, customer=customer)

    async def theirs() -> list[icalendar.Event]:
        return await feeds.events(studio, scope="customer", id=customer.id)

    assert len(await eventually(theirs)) == 1
    after = await feeds.answer(studio, scope="customer", id=customer.id)
    assert before.version != after.version


async def test_pending_is_tentative_and_each_change_counts_under_one_uid(
    open_studio, feeds
) -> None:
    studio = await open_studio(requires_approval=True)
    booked = (await studio.book(f"{MONDAY}T08:00:00Z")).json()
    seen = []
    versions = []

    async def look() -> None:
        answer = await feeds.answer(studio)
        (event,) = parsed(answer.events)
        seen.append((event["UID"], event["SEQUENCE"], event["STATUS"], event["TRANSP"]))
        versions.append(answer.version)

    await look()
    confirmed = await studio.client.post(
        f"/api/appointments/{booked['id']}/confirm", headers=studio.owner | {"If-Match": '"1"'}
    )
    assert confirmed.status_code == 200, confirmed.text
    await look()
    await cancel(studio, booked, 2)
    await look()
    uid = booked["uid"]
    assert seen == [
        (uid, 0, "TENTATIVE", "OPAQUE"),
        (uid, 1, "CONFIRMED", "OPAQUE"),
        (uid, 2, "CANCELLED", "TRANSPARENT"),
    ]
    assert len(set(versions)) == 3


async def test_moved_about_and_cancelled_it_is_one_event_in_five_sequences(
    open_studio, feeds
) -> None:
    studio = await open_studio(people=2)
    me, colleague = map(str, studio.staff)
    booked = (await studio.book(f"{MONDAY}T08:00:00Z", staff_id=me)).json()
    place = f"/api/appointments/{booked['id']}"
    seen = []

    async def look() -> icalendar.Event:
        (event,) = await feeds.events(studio)
        seen.append((event["UID"], event["SEQUENCE"]))
        return event

    await look()
    for version, wanted in enumerate(
        (
            {"starts_at": f"{MONDAY}T10:00:00Z"},
            {"starts_at": f"{MONDAY}T10:00:00Z", "staff_id": colleague},
            {"starts_at": f"{MONDAY}T10:00:00Z", "ends_at": f"{MONDAY}T11:30:00Z"},
        ),
        start=1,
    ):
        headers = studio.owner | {"If-Match": f'"{version}"'}
        answer = await studio.client.post(f"{place}/reschedule", json=wanted, headers=headers)
        assert answer.status_code == 200, answer.text
        event = await look()
    assert event.end - event.start == timedelta(minutes=90)
    theirs = {"scope": "staff_member", "id": colleague}
    assert len(await feeds.events(studio, **theirs)) == 1
    assert await feeds.events(studio, scope="staff_member", id=me) == []
    await cancel(studio, booked, 4)
    assert (await look())["STATUS"] == "CANCELLED"
    assert seen == [(booked["uid"], sequence) for sequence in range(5)]


async def test_a_cancelled_booking_is_told_for_sixty_days(open_studio, feeds) -> None:
    studio = await open_studio()
    booked = (await studio.book(f"{MONDAY}T08:00:00Z")).json()
    await cancel(studio, booked)
    place = f"/api/appointments/{booked['id']}"
    shown = (await studio.client.get(place, headers=studio.owner)).json()
    leaves_at = datetime.fromisoformat(shown["cancelled_at"]) + timedelta(days=60)
    told = await feeds.answer(studio, at=leaves_at - timedelta(seconds=1))
    (event,) = parsed(told.events)
    assert event["STATUS"] == "CANCELLED"
    over = await feeds.answer(studio, at=leaves_at)
    assert over.events == ""
    assert over.version != told.version


async def test_the_past_leaves_a_feed_after_ninety_days(open_studio, feeds) -> None:
    studio = await open_studio()
    await studio.book(f"{MONDAY}T08:00:00Z")
    begins = datetime(2027, 1, 4, 8, tzinfo=UTC)
    kept = await feeds.answer(studio, at=begins + timedelta(days=90))
    gone = await feeds.answer(studio, at=begins + timedelta(days=90, seconds=1))
    assert (len(parsed(kept.events)), gone.events) == (1, "")
    assert kept.version != gone.version


async def test_who_has_the_version_is_not_told_again(open_studio, feeds) -> None:
    studio = await open_studio()
    await studio.book(f"{MONDAY}T08:00:00Z")
    first = await feeds.answer(studio)
    again = await feeds.answer(studio, unless=first.version)
    assert (again.version, again.events) == (first.version, None)
    await studio.book(f"{MONDAY}T10:00:00Z")
    changed = await feeds.answer(studio, unless=first.version)
    assert len(parsed(changed.events)) == 2


async def test_a_busy_feed_says_nothing_about_whom_or_what(open_studio, feeds) -> None:
    studio = await open_studio(name="Pelvic floor rehab")
    customer = {"name": "Grace Hopper", "email": "grace@example.com", "phone": "+49 30 12345"}
    await studio.book(f"{MONDAY}T08:00:00Z", customer=customer)
    await cancel(studio, (await studio.book(f"{MONDAY}T10:00:00Z", customer=customer)).json())
    named = (await feeds.answer(studio)).events
    busy = (await feeds.answer(studio, names=False)).events
    for secret in ("Grace", "Hopper", "grace", "12345", "Pelvic", "DESCRIPTION"):
        assert secret not in busy
    assert "Grace Hopper" in named
    assert {event["SUMMARY"] for event in parsed(busy)} == {"Busy"}
    assert [e["UID"] for e in parsed(busy)] == [e["UID"] for e in parsed(named)]


async def test_three_parsers_read_a_hostile_name_as_it_was_typed(open_studio, feeds) -> None:
    studio = await open_studio()
    await studio.book(f"{MONDAY}T08:00:00Z", customer={"name": HOSTILE, "email": "h@example.com"})
    text = whole((await feeds.answer(studio)).events)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    title = f"Reformer private · {HOSTILE}"
    (by_icalendar,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert by_icalendar["SUMMARY"] == title
    assert vobject.readOne(text).vevent.summary.value == title
    (by_ical,) = IcsCalendarStream.calendar_from_ics(text).events
    assert by_ical.summary == title


EVENT = Occasion(
    uid="1@bookly",
    sequence=3,
    changed_at=datetime(2027, 1, 1, tzinfo=UTC),
    starts_at=datetime(2027, 1, 4, 8, tzinfo=UTC),
    ends_at=datetime(2027, 1, 4, 9, tzinfo=UTC),
    status="CONFIRMED",
)


@given(
    st.text(
        st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200
    ).filter(lambda name: "\\N" not in name)
)
@hypothesis_settings(max_examples=200)
def test_the_text_is_what_icalendar_would_have_made(name: str) -> None:
    name = " ".join(name.split()) or "x"
    made = icalendar.Event()
    made.add("uid", EVENT.uid)
    made.add("sequence", EVENT.sequence)
    made.add("dtstamp", EVENT.changed_at)
    made.add("last-modified", EVENT.changed_at)
    made.add("dtstart", EVENT.starts_at)
    made.add("dtend", EVENT.ends_at)
    made.add("status", EVENT.status)
    made.add("transp", "OPAQUE")
    made.add("summary", name)
    made.add("description", name)
    ours = vevent(EVENT, name, name)
    assert sorted(ours.split("\r\n")) == sorted(made.to_ical().decode().split("\r\n"))
    assert parsed(ours) == [made]


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200))
@hypothesis_settings(max_examples=200)
def test_no_name_can_end_its_line(name: str) -> None:
    line = folded(f"SUMMARY:{escaped(name)}")
    assert all(part.startswith(" ") for part in line.split("\r\n")[1:])
    assert "\n" not in line.replace("\r\n ", "")


async def test_pages_of_a_long_feed_are_the_whole(open_studio, feeds, settings) -> None:
    studio = await open_studio()
    await studio.book(f"{MONDAY}T08:00:00Z")
    await fill(settings, studio.id, 3000)
    texts, page, versions = [], None, set()
    while True:
        answer = await feeds.answer(studio, page=page)
        texts.append(answer.events)
        versions.add(answer.version)
        page = answer.next_page
        if page is None:
            break
    assert len(texts) == 3
    assert len(versions) == 1
    events = parsed("".join(texts))
    assert len(events) == len({event["UID"] for event in events}) == 3000
    assert [event.start for event in events] == sorted(event.start for event in events)


async def test_a_page_with_as_many_events_as_it_may_have_leads_on(
    open_studio, feeds, settings
) -> None:
    studio = await open_studio()
    await studio.book(f"{MONDAY}T08:00:00Z")
    await fill(settings, studio.id, PAGE_EVENTS + 1)
    connection = await asyncpg.connect(settings.database_url)
    async with connection.transaction():
        await connection.execute("SELECT set_config('app.business_id', $1, true)", str(studio.id))
        await connection.execute("UPDATE feed_events SET named = 'X'")
    await connection.close()
    first = await feeds.answer(studio)
    rest = await feeds.answer(studio, page=first.next_page)
    assert [len(first.events), len(rest.events)] == [PAGE_EVENTS, 1]
    assert rest.next_page is None
    refused = await feeds.line.request(
        ReadSchedulingFeed.subject,
        json.dumps(
            {
                "business_id": str(studio.id),
                "scope": "business",
                "id": str(studio.id),
                "names": True,
                "at": f"{MONDAY}T08:00:00Z",
                "page": "nowhere",
            }
        ).encode(),
        timeout=20,
    )
    assert json.loads(refused.data)["problem"]["status"] == 422


async def test_a_page_fits_into_one_message_however_long_the_names(
    open_studio, feeds, settings
) -> None:
    studio = await open_studio()
    await studio.book(
        f"{MONDAY}T08:00:00Z", customer={"name": "\\" * 200, "email": "h@example.com"}
    )
    await fill(settings, studio.id, 900)
    page, found, pages = None, 0, 0
    while True:
        answer = await feeds.answer(studio, page=page)
        found, pages, page = (
            found + answer.events.count("BEGIN:VEVENT"),
            pages + 1,
            answer.next_page,
        )
        if page is None:
            break
    assert found == 900
    assert pages > 1


async def test_what_feeds_do_not_know_yet_the_worker_renders(open_studio, feeds, settings) -> None:
    studio = await open_studio()
    booked = (await studio.book(f"{MONDAY}T08:00:00Z")).json()
    before = (await feeds.answer(studio)).events
    connection = await asyncpg.connect(settings.database_url)
    async with connection.transaction():
        await connection.execute("SELECT set_config('app.business_id', $1, true)", str(studio.id))
        await connection.execute("DELETE FROM feed_events WHERE id = $1", UUID(booked["id"]))
    await connection.close()
    assert await feeds.events(studio) == []
    async with served(worker.create(settings)):
        assert await eventually(lambda: feeds.events(studio)) == parsed(before)


async def fill(settings: SchedulingSettings, business_id: UUID, upto: int) -> None:
    """Copies the one event there is, as so many bookings would have left it."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT set_config('app.business_id', $1, true)", str(business_id)
            )
            await connection.execute(
                """
                INSERT INTO feed_events
                SELECT business_id, new.id, staff_id, customer_id,
                       starts_at + make_interval(mins => i), cancelled_at,
                       replace(named, feed_events.id::text, new.id::text),
                       replace(busy, feed_events.id::text, new.id::text)
                FROM feed_events, generate_series(2, $1::int) i,
                     LATERAL (SELECT uuidv7() AS id WHERE i > 0) new
                """,
                upto,
            )
    finally:
        await connection.close()
