"""Feeds of classes: a session once for the studio, a place for each who has one."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import icalendar
import nats
import pytest

from chassis.database import create_engine, sessions_of
from contracts.feeds import FeedPart, ReadPilatesFeed
from contracts.pilates import (
    ClassSessionCancelled,
    ClassSessionChanged,
    PlaceCancelled,
    PlaceChanged,
)
from pilates.settings import PilatesSettings
from services.pilates.tests.planned import EIGHT, NOW, Planned
from services.pilates.tests.studio import Studio

pytestmark = pytest.mark.usefixtures("pilates")


class Feeds:
    def __init__(self, line: nats.NATS, planned: Planned) -> None:
        self.line, self.planned = line, planned

    async def asked(self, **changed: Any) -> dict[str, Any]:
        business_id = self.planned.business_id
        wanted = {
            "business_id": business_id,
            "scope": "business",
            "id": business_id,
            "names": True,
            "at": NOW,
        }
        asked = ReadPilatesFeed.model_validate(wanted | changed)
        answer = await self.line.request(
            asked.subject, asked.model_dump_json().encode(), timeout=20
        )
        found: dict[str, Any] = json.loads(answer.data)
        return found

    async def answer(self, **changed: Any) -> FeedPart:
        envelope = await self.asked(**changed)
        assert envelope["problem"] is None, envelope
        return FeedPart.model_validate(envelope["reply"])

    async def events(self, **changed: Any) -> list[icalendar.Event]:
        events = (await self.answer(**changed)).events or ""
        calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//B//EN\r\n{events}END:VCALENDAR\r\n"
        return icalendar.Calendar.from_ical(calendar).walk("VEVENT")

    async def titles(self, **changed: Any) -> list[str]:
        return [str(event["SUMMARY"]) for event in await self.events(**changed)]


@pytest.fixture
async def planned(settings: PilatesSettings) -> AsyncIterator[Planned]:
    engine = create_engine(settings.database_url, "tests", 4)
    found = Planned(sessions_of(engine))
    await found.open()
    yield found
    await engine.dispose()


@pytest.fixture
async def feeds(nats_url: str, planned: Planned) -> AsyncIterator[Feeds]:
    line = await nats.connect(nats_url)
    yield Feeds(line, planned)
    await line.close()


async def test_a_session_is_in_the_feeds_of_its_studio_instructor_and_room(
    feeds: Feeds, planned: Planned
) -> None:
    room, machine = await planned.resource(), await planned.resource("machine", kind="reformer")
    tessa = await planned.instructor()
    row = await planned.session(
        room_id=room, room_name="Studio 1", instructor_id=tessa, instructor_name="Tessa"
    )
    await planned.reserve(row, machine)
    await planned.place(row, await planned.customer())
    await planned.place(row)
    await planned.session(EIGHT + timedelta(hours=1), name="Mat")
    of = {
        "staff_member": tessa,
        "resource": room,
    }
    for scope, id_ in (*of.items(), ("resource", machine)):
        [event] = await feeds.events(scope=scope, id=id_)
        assert (event["UID"], event["STATUS"]) == (row.uid, "CONFIRMED")
        assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Reformer Flow", "Tessa · Studio 1")
        assert (event.start, event.end) == (row.starts_at, row.ends_at)
    assert await feeds.titles() == ["Reformer Flow", "Mat"]
    for scope in ("staff_member", "resource", "customer"):
        assert (await feeds.answer(scope=scope, id=uuid4())).events == ""


async def test_a_draft_is_in_no_feed_until_it_is_published(feeds: Feeds, planned: Planned) -> None:
    row = await planned.session(status="draft", published_at=None)
    assert (await feeds.answer()).events == ""
    await planned.tell(row, ClassSessionCancelled, status="cancelled", cancelled_at=NOW)
    assert (await feeds.answer()).events == ""


async def test_a_place_is_in_its_customers_feed_with_one_uid_for_ever(
    feeds: Feeds, planned: Planned
) -> None:
    mia = await planned.customer()
    row = await planned.session(instructor_name="Tessa", room_name="Studio 1")
    other = await planned.session(EIGHT + timedelta(days=1), name="Mat")
    place = await planned.place(row, mia, spot_label="R3")
    await planned.place(row, await planned.customer(name="Somebody else"))
    mine = {"scope": "customer", "id": mia}

    [event] = await feeds.events(**mine)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (place.uid, 0, "CONFIRMED")
    assert event["DESCRIPTION"] == "Tessa · Studio 1 · R3"
    moved = {"session_id": other.id, "starts_at": other.starts_at, "sequence": 1}
    await planned.tell_place(place, other, PlaceChanged, cause="moved", **moved)
    [event] = await feeds.events(**mine)
    assert (event["UID"], event["SEQUENCE"], event["SUMMARY"]) == (place.uid, 1, "Mat")
    assert event.start == other.starts_at
    await planned.tell_place(
        place,
        other,
        PlaceCancelled,
        cancelled_by="customer",
        status="late_cancelled",
        cancelled_at=NOW,
        sequence=2,
    )
    [event] = await feeds.events(**mine)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (place.uid, 2, "CANCELLED")


async def test_a_place_that_is_not_paid_yet_is_tentative(feeds: Feeds, planned: Planned) -> None:
    mia, row = await planned.customer(), await planned.session()
    until = NOW + timedelta(minutes=10)
    await planned.place(row, mia, payment_status="awaited", pay_by=until)
    [event] = await feeds.events(scope="customer", id=mia)
    assert event["STATUS"] == "TENTATIVE"


async def test_a_feed_without_names_says_busy_and_nothing_more(
    feeds: Feeds, planned: Planned
) -> None:
    mia = await planned.customer()
    row = await planned.session(name="Pelvic floor", instructor_name="Tessa", room_name="Room")
    await planned.place(row, mia, spot_label="R3")
    for scope in ({}, {"scope": "customer", "id": mia}):
        text = (await feeds.answer(names=False, **scope)).events or ""
        assert "SUMMARY:Busy" in text
        for secret in ("Pelvic", "Tessa", "Room", "R3", "Mia", "DESCRIPTION"):
            assert secret not in text
    assert "Mia" not in ((await feeds.answer()).events or "")


async def test_a_change_of_the_session_changes_its_text_and_its_version(
    feeds: Feeds, planned: Planned
) -> None:
    tessa, ana = await planned.instructor(), await planned.instructor("Ana")
    row = await planned.session(instructor_id=tessa, instructor_name="Tessa")
    first = await feeds.answer()
    assert (await feeds.answer(unless=first.version)).events is None
    # Who comes changes a number in the calendar, and nothing in a feed.
    await planned.place(row)
    assert (await feeds.answer()).version == first.version
    await planned.tell(
        row, ClassSessionChanged, instructor_id=ana, instructor_name="Ana", sequence=1
    )
    assert (await feeds.answer(unless=first.version)).events is not None
    assert await feeds.titles(scope="staff_member", id=tessa) == []
    [event] = await feeds.events(scope="staff_member", id=ana)
    assert (event["SEQUENCE"], event["DESCRIPTION"]) == (1, "Ana")


async def test_what_is_cancelled_is_told_for_sixty_days(feeds: Feeds, planned: Planned) -> None:
    room = await planned.resource()
    row = await planned.session(room_id=room)
    await planned.tell(row, ClassSessionCancelled, status="cancelled", cancelled_at=NOW)
    leaves_at = NOW + timedelta(days=60)
    for scope in ({}, {"scope": "resource", "id": room}):
        [event] = await feeds.events(at=leaves_at - timedelta(seconds=1), **scope)
        assert event["STATUS"] == "CANCELLED"
        assert await feeds.events(at=leaves_at, **scope) == []


async def test_the_past_leaves_a_feed_after_ninety_days(feeds: Feeds, planned: Planned) -> None:
    await planned.session()
    assert len(await feeds.events(at=EIGHT + timedelta(days=90))) == 1
    assert await feeds.events(at=EIGHT + timedelta(days=90, seconds=1)) == []


async def test_another_business_has_nothing_of_it(feeds: Feeds, planned: Planned) -> None:
    mia = await planned.customer()
    await planned.place(await planned.session(), mia)
    other = uuid4()
    for scope, id_ in (("business", other), ("customer", mia)):
        assert (await feeds.answer(business_id=other, scope=scope, id=id_)).events == ""


async def test_what_is_booked_is_in_the_calendar_and_in_the_customers_feed_at_once(
    feeds: Feeds, planned: Planned, studio: Studio
) -> None:
    planned.business_id = studio.id
    made = await studio.publish_class("2027-01-11T18:00", capacity=2)
    day = {"from": "2027-01-11", "to": "2027-01-11"}
    await studio.sell("mia")
    [mia] = await studio.introduce("mia")

    async def numbers() -> tuple[int, int, int]:
        [entry] = (await studio.told("GET", "/calendar", params=day))["entries"]
        return entry["booked"], entry["waiting"], entry["version"]

    before = await numbers()
    place = await studio.booked(made["id"], "mia")
    after = await numbers()
    assert (before[:2], after[:2]) == ((0, 0), (1, 0))
    assert after[2] > before[2]
    [event] = await feeds.events(scope="customer", id=mia)
    assert (event["UID"], event["STATUS"]) == (place["uid"], "CONFIRMED")
    assert await feeds.titles() == ["Reformer Flow"]
    assert (await studio.cancel(place)).status_code == 200
    [event] = await feeds.events(scope="customer", id=mia)
    assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (place["uid"], "CANCELLED", 1)
    assert (await numbers())[0] == 0


async def test_a_long_feed_comes_in_pages_and_a_page_that_is_none_is_refused(
    feeds: Feeds, planned: Planned, database_server: Any
) -> None:
    await planned.session()
    await fill(planned, database_server, 2000)
    first = await feeds.answer()
    assert first.next_page is not None
    rest = await feeds.answer(page=first.next_page)
    assert (rest.version, rest.next_page) == (first.version, None)
    uids = [line for line in f"{first.events}{rest.events}".split("\r\n") if line[:4] == "UID:"]
    assert len(uids) == len(set(uids)) == 2001
    assert (await feeds.asked(page="nowhere"))["problem"]["status"] == 422


async def fill(planned: Planned, server: Any, count: int) -> None:
    with server.connect("pilates") as connection:
        connection.execute(
            """
            INSERT INTO feed_events (business_id, id, is_place, starts_at, named, busy)
            SELECT business_id, new.id, is_place, starts_at + make_interval(mins => n),
                   replace(named, feed_events.id::text, new.id::text), busy
            FROM feed_events, generate_series(1, %s) n,
                 LATERAL (SELECT uuidv7() AS id WHERE n > 0) new
            WHERE business_id = %s
            """,
            [count, planned.business_id],
        )
