"""Pilates's part of the merged calendar: who sees which classes, with which numbers."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from pydantic import TypeAdapter

from chassis.database import create_engine, sessions_of
from contracts.calendar import CalendarEntries, CalendarEntry
from contracts.permissions import Permission
from contracts.pilates import ClassSessionCancelled
from pilates.calendar.entries import entry_of
from pilates.settings import PilatesSettings
from services.pilates.tests.planned import EIGHT, NOW, Planned
from services.pilates.tests.studio import Studio
from stack.signer import Signer

WEEK = {"from": "2027-01-04", "to": "2027-01-10"}


@pytest.fixture
async def planned(settings: PilatesSettings) -> AsyncIterator[Planned]:
    engine = create_engine(settings.database_url, "tests", 4)
    found = Planned(sessions_of(engine))
    await found.open()
    yield found
    await engine.dispose()


class Calendar:
    def __init__(self, client: httpx2.AsyncClient, signer: Signer, planned: Planned) -> None:
        self.client, self.signer, self.planned = client, signer, planned

    def member(self, *permissions: str) -> dict[str, str]:
        return self.signer.bearer(self.planned.business_id, *permissions, role="staff")

    async def body(self, *permissions: str, **filters: Any) -> bytes:
        answer = await self.client.get(
            "/api/calendar", params=WEEK | filters, headers=self.member(*permissions)
        )
        assert answer.status_code == 200, answer.text
        return answer.content

    async def read(self, *permissions: str, **filters: Any) -> list[CalendarEntry]:
        content = await self.body(*permissions, **filters)
        return CalendarEntries.model_validate_json(content).entries


@pytest.fixture
def calendar(pilates: httpx2.AsyncClient, signer: Signer, planned: Planned) -> Calendar:
    return Calendar(pilates, signer, planned)


async def test_an_entry_read_is_the_entry_that_was_sent_live(
    calendar: Calendar, planned: Planned, database_server: Any
) -> None:
    room, instructor = await planned.resource(), await planned.instructor()
    row = await planned.session(
        name='Zoë "Z" \\ },{"source":" · Œ', room_id=room, instructor_id=instructor
    )
    await planned.place(row)
    await planned.place(row, payment_status="awaited", pay_by=NOW - timedelta(days=3650))
    await planned.waiter(row)
    await planned.waiter(row, status="left")
    await planned.place(row, status="no_show")
    [read] = await calendar.read()
    assert read == last_sent(database_server, row.id)
    assert (read.booked, read.capacity, read.waiting, read.version) == (2, 8, 1, 4)
    assert (read.staff_id, read.resource_id) == (instructor, room)


def last_sent(database_server: Any, session_id: object) -> CalendarEntry:
    with database_server.connect("pilates") as connection:
        [(sent,)] = connection.execute(
            "SELECT body::jsonb -> 'entry' FROM outbox"
            " WHERE address LIKE 'pilates.calendar-entry%%' AND body LIKE %s"
            " ORDER BY position DESC LIMIT 1",
            [f"%{session_id}%"],
        ).fetchall()
    return TypeAdapter(CalendarEntry).validate_python(sent)


async def test_whoever_decides_on_places_sends_what_would_be_read(
    studio: Studio, database_server: Any
) -> None:
    room, machines = await studio.room_with(3)
    made = await studio.publish_class(
        "2027-01-11T18:00", room_id=room, spot_kind="reformer", capacity=3, credit_cost=0
    )

    async def numbers() -> tuple[int | None, ...]:
        days = {"from": "2027-01-11", "to": "2027-01-11"}
        [found] = (await studio.told("GET", "/calendar", params=days))["entries"]
        read = TypeAdapter(CalendarEntry).validate_python(found)
        assert read == last_sent(database_server, made["id"])
        return read.booked, read.waiting, read.capacity

    places = [await studio.booked(made["id"], name) for name in ("ada", "bea", "cleo")]
    assert await numbers() == (3, 0, 3)
    for name in ("dora", "emma"):
        await studio.book(made["id"], name, join_waitlist=True)
    assert await numbers() == (3, 2, 3)
    # One moves up; with a machine less nobody does.
    await studio.cancel(places[0])
    assert await numbers() == (3, 1, 3)
    outage = {"from": made["starts_at"], "to": made["ends_at"]}
    await studio.told("POST", f"/resources/{machines[0]}/outages", json=outage)
    await studio.cancel((await studio.attendances(made["id"], status="booked"))[0])
    assert await numbers() == (2, 1, 2)


async def test_entries_are_written_so_that_the_gateway_can_splice_them(
    calendar: Calendar, planned: Planned
) -> None:
    for hours in (2, 0, 1):
        await planned.session(EIGHT + timedelta(hours=hours))
    body = await calendar.body()
    assert body.startswith(b'{"entries":[{"source":"pilates","kind":"class_session","id":"')
    assert body.endswith(b"}]}")
    instants = [part[:21] for part in body.split(b'"starts_at":"')[1:]]
    assert instants == [b'2027-01-04T%02d:00:00Z"' % hour for hour in (8, 9, 10)]
    assert body.count(b'},{"source":"') == body.count(b'}, {"source":"') + 2 == 2


async def test_a_machine_out_of_service_is_a_place_less(
    calendar: Calendar, planned: Planned
) -> None:
    machines = [await planned.resource("machine", kind="reformer") for _ in range(5)]
    row = await planned.session(capacity=5, spot_kind="reformer", hold_version=1)
    await planned.reserve(row, *machines)
    free = await planned.session(EIGHT, capacity=5, name="Mat")

    async def capacities() -> dict[str, int | None]:
        return {one.title: one.capacity for one in await calendar.read()}

    await planned.take_out(machines[0], row.ends_at, row.ends_at + timedelta(hours=1))
    assert await capacities() == {"Reformer Flow": 5, "Mat": 5}
    await planned.take_out(machines[1], row.starts_at, row.starts_at + timedelta(minutes=1))
    assert await capacities() == {"Reformer Flow": 4, "Mat": 5}
    sent = await planned.within(lambda session: entry_of(session, row, NOW))
    assert sent.capacity == 4
    told = {"status": "cancelled", "cancelled_at": NOW}
    await planned.tell(row, ClassSessionCancelled, **told)
    await planned.tell(free, ClassSessionCancelled, **told)
    [shown, _] = sorted(await calendar.read(status="cancelled"), key=lambda one: one.title)[::-1]
    assert (shown.title, shown.capacity) == ("Reformer Flow", 5)


async def test_an_outage_has_open_calendars_read_its_sessions_again(
    studio: Studio, database_server: Any
) -> None:
    room, machines = await studio.room_with(2)
    on_map = {"room_id": room, "spot_kind": "reformer", "capacity": 2}
    first = await studio.publish_class("2027-01-11T18:00", **on_map)
    last = await studio.publish_class("2027-01-12T18:00", **on_map)
    outage = {"from": first["starts_at"], "to": last["ends_at"]}
    await studio.told("POST", f"/resources/{machines[0]}/outages", json=outage)
    days = {"from": "2027-01-11", "to": "2027-01-12"}
    entries = (await studio.told("GET", "/calendar", params=days))["entries"]
    assert [one["capacity"] for one in entries] == [1, 1]
    with database_server.connect("pilates") as connection:
        [(told,)] = connection.execute(
            "SELECT body::jsonb FROM outbox"
            " WHERE address LIKE 'pilates.calendar-range%%' AND body LIKE %s",
            [f"%{studio.id}%"],
        ).fetchall()
    assert (told["begins"], told["ends"]) == (first["starts_at"], last["ends_at"])


async def test_every_member_sees_classes_and_who_plans_sees_drafts(
    calendar: Calendar, planned: Planned
) -> None:
    await planned.session(name="Published")
    await planned.session(name="Draft", status="draft", published_at=None)
    await planned.session(name="Pending", status="pending", published_at=None)
    await planned.session(name="Cancelled", status="cancelled", cancelled_at=NOW)

    async def seen(*permissions: str, **filters: Any) -> set[str]:
        return {one.title for one in await calendar.read(*permissions, **filters)}

    assert await seen() == {"Published", "Pending"}
    assert await seen(status="draft") == set()
    assert await seen(status=["cancelled", "published"]) == {"Cancelled", "Published"}
    for permission in (Permission.MANAGE_CLASSES, Permission.MANAGE_CALENDAR):
        assert await seen(permission) == {"Published", "Pending", "Draft"}
        assert await seen(permission, status="draft") == {"Draft"}


async def test_filters(calendar: Calendar, planned: Planned) -> None:
    room, other, machine = (
        await planned.resource(),
        await planned.resource(name="Studio 2"),
        await planned.resource("machine", kind="reformer"),
    )
    tessa, ana = await planned.instructor(), await planned.instructor("Ana")
    first = await planned.session(name="First", room_id=room, instructor_id=tessa, hold_version=1)
    await planned.reserve(first, machine)
    await planned.session(name="Second", room_id=other, instructor_id=ana)
    await planned.session(name="Third")
    expected: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"First", "Second", "Third"}),
        ({"staff": str(tessa)}, {"First"}),
        ({"staff": [str(tessa), str(ana)]}, {"First", "Second"}),
        ({"resource": str(room)}, {"First"}),
        ({"resource": str(machine)}, {"First"}),
        ({"resource": [str(machine), str(other)]}, {"First", "Second"}),
        ({"resource": str(machine), "staff": str(ana)}, set()),
        ({"resource": str(uuid4())}, set()),
        ({"service": str(uuid4())}, set()),
        ({"status": "confirmed"}, set()),
    ]
    for filters, titles in expected:
        assert {one.title for one in await calendar.read(**filters)} == titles, filters


async def test_a_range_is_half_open_and_takes_what_reaches_into_it(
    calendar: Calendar, planned: Planned
) -> None:
    await planned.session(EIGHT, name="Before", ends_at=EIGHT + timedelta(hours=1))
    await planned.session(
        EIGHT + timedelta(minutes=30), name="Into", ends_at=EIGHT + timedelta(minutes=61)
    )
    await planned.session(EIGHT + timedelta(hours=2), name="After")
    shown = await calendar.read(
        **{"from": "2027-01-04T09:00:00Z", "to": "2027-01-04T10:00:00Z"},
    )
    assert [one.title for one in shown] == ["Into"]


async def test_another_business_sees_nothing_of_it(
    calendar: Calendar, planned: Planned, signer: Signer
) -> None:
    await planned.session()
    other = Planned(planned.sessions)
    await other.open()
    answer = await calendar.client.get(
        "/api/calendar", params=WEEK, headers=signer.bearer(other.business_id)
    )
    assert answer.content == b'{"entries":[]}'


@pytest.mark.parametrize(
    "changed",
    [
        {"from": WEEK["to"], "to": WEEK["from"]},
        {"to": WEEK["from"], "from": None},
        {"from": "2026-03-02T00:00:00"},
        {"from": "yesterday"},
        {"staff": "not-an-id"},
        {"surprise": "1"},
    ],
)
async def test_what_is_no_range_is_refused(
    pilates: httpx2.AsyncClient, signer: Signer, changed: dict[str, str]
) -> None:
    params = {name: value for name, value in (WEEK | changed).items() if value}
    answer = await pilates.get("/api/calendar", params=params, headers=signer.bearer(uuid4()))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


async def test_a_stranger_reads_no_calendar(pilates: httpx2.AsyncClient) -> None:
    answer = await pilates.get("/api/calendar", params=WEEK)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
