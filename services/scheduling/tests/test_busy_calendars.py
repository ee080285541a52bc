"""Calendars that staff members have elsewhere: their times block slots here."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import web

from chassis.testing import eventually, served
from contracts import catalog
from scheduling import worker
from services.scheduling.tests.elsewhere import SOMEBODY_ELSE, calendar, vevent

MONDAY = "2027-01-04"


MEETING = vevent(
    "DTSTART;TZID=Europe/Berlin:20270104T100000", "DTEND;TZID=Europe/Berlin:20270104T113000"
)


async def test_a_meeting_elsewhere_blocks_its_slots_until_it_is_disconnected(
    connecting, elsewhere
) -> None:
    own = await connecting()
    before = await own.studio.slots(MONDAY)
    found = await own.connect(elsewhere.put(calendar(MEETING)))
    assert found["failure"] is None
    after = await own.studio.slots(MONDAY)
    gone = {"08:30", "09:00", "09:30", "10:00"}
    assert sorted(set(before) - set(after)) == sorted(f"{MONDAY}T{at}:00Z" for at in gone)
    shown = await own.studio.client.get(
        "/api/calendar", params={"from": MONDAY, "to": MONDAY}, headers=own.headers
    )
    (entry,) = shown.json()["entries"]
    assert (entry["kind"], entry["title"], entry["id"]) == ("busy", "Busy", found["id"])
    taken = await own.studio.book(f"{MONDAY}T09:00:00Z")
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/slot-taken")
    place = f"{own.place}/{found['id']}"
    assert (await own.studio.client.delete(place, headers=own.headers)).status_code == 204
    assert await own.studio.slots(MONDAY) == before
    assert (await own.studio.client.delete(place, headers=own.headers)).status_code == 404


async def test_open_calendars_hear_of_what_differs_and_of_nothing_else(
    connecting, elsewhere, clock, settings
) -> None:
    own = await connecting()
    url = elsewhere.put(calendar(MEETING))
    found = await own.connect(url)

    async def told() -> list[tuple[str, str]]:
        connection = await asyncpg.connect(settings.database_url)
        bodies = await connection.fetch(
            "SELECT body FROM outbox WHERE address = $1 ORDER BY position",
            f"scheduling.calendar-range.changed.v1.{own.studio.id}",
        )
        await connection.close()
        changes = [json.loads(row["body"]) for row in bodies]
        return [(c["begins"], c["ends"]) for c in changes if c["begins"].startswith("2027-01")]

    morning = (f"{MONDAY}T09:00:00Z", f"{MONDAY}T10:30:00Z")
    assert await told() == [morning]
    later = vevent("DTSTART:20270105T090000Z", "DTEND:20270105T100000Z")
    for text in (calendar(MEETING), calendar(MEETING, later)):
        elsewhere.texts[elsewhere.path(url)] = text
        clock.set(found["next_fetch_at"])
        found = await own.tried(found["id"], since=found["fetched_at"])
    assert await told() == [morning, ("2027-01-05T09:00:00Z", "2027-01-05T10:00:00Z")]


async def test_the_studio_may_book_over_it(connecting, elsewhere) -> None:
    own = await connecting()
    await own.connect(elsewhere.put(calendar(MEETING)))
    wanted = {
        "service_id": str(own.studio.service),
        "staff_id": str(own.staff),
        "starts_at": f"{MONDAY}T09:00:00Z",
        "customer": {"name": "Ada"},
    }
    place = "/api/appointments"
    plain = await own.studio.client.post(place, json=wanted, headers=own.headers)
    assert plain.status_code == 409
    meant = await own.studio.client.post(
        place, json=wanted | {"outside_hours": True}, headers=own.headers
    )
    assert meant.status_code == 201, meant.text


async def test_only_what_blocks_there_blocks_here(connecting, elsewhere) -> None:
    hours = "DTSTART:20270104T{}0000Z", "DTEND:20270104T{}0000Z"

    def at(hour: int, *more: str, uid: str = "") -> str:
        return vevent(
            hours[0].format(f"{hour:02}"), hours[1].format(f"{hour + 1:02}"), *more, uid=uid
        )

    own = await connecting()
    before = await own.studio.slots(MONDAY)
    found = await own.connect(
        elsewhere.put(
            calendar(
                at(8, "TRANSP:TRANSPARENT"),
                at(9, "STATUS:CANCELLED"),
                at(10, uid=f"{uuid4()}@bookly"),
                at(11, "STATUS:TENTATIVE"),
                "BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:without a start\r\nEND:VEVENT",
            )
        )
    )
    assert (found["failure"], found["unreadable"]) == (None, 1)
    gone = set(before) - set(await own.studio.slots(MONDAY))
    assert gone == {f"{MONDAY}T{at}:00Z" for at in ("10:30", "11:00", "11:30")}


async def test_days_and_floating_times_are_those_of_the_business(connecting, elsewhere) -> None:
    own = await connecting(zone="Pacific/Auckland")
    await own.connect(
        elsewhere.put(
            calendar(
                vevent("DTSTART;VALUE=DATE:20270105", "DTEND;VALUE=DATE:20270106"),
                vevent("DTSTART:20270106T090000", "DTEND:20270106T160000"),
            )
        )
    )
    assert await own.studio.slots("2027-01-05") == []
    assert await own.studio.slots("2027-01-06") == ["2027-01-06T03:00:00Z"]
    assert len(await own.studio.slots("2027-01-04")) == 15


async def test_what_recurs_keeps_its_local_time_over_a_changeover(connecting, elsewhere) -> None:
    own = await connecting()
    await own.connect(
        elsewhere.put(
            calendar(
                vevent(
                    "DTSTART;TZID=Europe/Berlin:20270322T090000",
                    "DTEND;TZID=Europe/Berlin:20270322T160000",
                    "RRULE:FREQ=WEEKLY",
                    "EXDATE;TZID=Europe/Berlin:20270405T090000",
                )
            )
        )
    )
    assert await own.studio.slots("2027-03-22") == ["2027-03-22T15:00:00Z"]
    assert await own.studio.slots("2027-03-29") == ["2027-03-29T14:00:00Z"]
    assert len(await own.studio.slots("2027-04-05")) == 15
    assert await own.studio.slots("2027-11-01") == ["2027-11-01T15:00:00Z"]


async def test_the_next_fetch_asks_only_for_what_is_new(connecting, elsewhere, clock) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(body=calendar(MEETING), headers={"ETag": '"1"'})

    own = await connecting()
    url = elsewhere.put(answer)
    first = await own.connect(url)
    blocked = await own.studio.slots(MONDAY)
    soon = datetime.fromisoformat(first["fetched_at"]) + timedelta(minutes=11)
    clock.set(soon.isoformat())
    second = await own.tried(first["id"], since=first["fetched_at"])
    assert elsewhere.asked[elsewhere.path(url)] == 2
    assert second["failure"] is None
    assert await own.studio.slots(MONDAY) == blocked
    tomorrow = soon + timedelta(days=1, minutes=1)
    clock.set(tomorrow.isoformat())
    await own.tried(first["id"], since=second["fetched_at"])
    assert "If-None-Match" not in elsewhere.headers[-1]


async def test_fetches_are_counted_by_what_came_of_them(connecting, elsewhere) -> None:
    own = await connecting()
    await own.connect(elsewhere.put(calendar(MEETING)))
    await own.connect(elsewhere.put(b"no calendar"))
    counted = (await own.studio.client.get("/metrics")).text
    for outcome in ("changed", "not_a_calendar"):
        assert f'bookly_busy_calendar_fetches_total{{outcome="{outcome}"}}' in counted


async def test_another_zone_of_the_business_reads_anew_what_is_unchanged(
    connecting, elsewhere, clock
) -> None:
    async def answer(request: web.Request) -> web.Response:
        if "If-None-Match" in request.headers:
            return web.Response(status=304)
        lunch = vevent("DTSTART:20270104T120000", "DTEND:20270104T130000")
        return web.Response(body=calendar(lunch), headers={"ETag": '"1"'})

    async def busy_from() -> list[str]:
        shown = await own.studio.client.get(
            "/api/calendar", params={"from": MONDAY, "to": MONDAY}, headers=own.headers
        )
        return [entry["starts_at"] for entry in shown.json()["entries"]]

    own = await connecting()
    found = await own.connect(elsewhere.put(answer))
    assert await busy_from() == [f"{MONDAY}T11:00:00Z"]
    moved = catalog.Business(
        id=own.studio.id,
        version=2,
        slug=own.studio.slug,
        name="Core",
        time_zone="Europe/Lisbon",
        currency="EUR",
        locale="en",
    )
    await own.studio.tell(catalog.BusinessChanged, business=moved)

    async def has_moved() -> bool:
        return f"{MONDAY}T16:00:00Z" in await own.studio.slots(MONDAY)

    await eventually(has_moved)
    for _ in range(2):
        clock.set(found["next_fetch_at"])
        found = await own.tried(found["id"], since=found["fetched_at"])
        assert await busy_from() == [f"{MONDAY}T12:00:00Z"]
    assert "If-None-Match" in elsewhere.headers[-1], "Read in that zone, it is known again."


async def test_with_an_archived_staff_member_their_calendars_go(
    connecting, elsewhere, clock, settings
) -> None:
    own = await connecting(people=2)
    found = await own.connect(elsewhere.put(calendar(MEETING)))
    gone = catalog.StaffMember(
        id=own.staff, version=2, name="T0", status="active", archived_at=datetime.now(UTC)
    )
    await own.studio.tell(catalog.StaffMemberChanged, staff_member=gone)

    async def counted(where: str) -> int:
        connection = await asyncpg.connect(settings.database_url)
        await connection.execute(
            "SELECT set_config('app.business_id', $1, false)", str(own.studio.id)
        )
        count: int = await connection.fetchval(f"SELECT count(*) FROM {where}")
        await connection.close()
        return count

    async def is_known_to_be_gone() -> bool:
        return await counted("staff_members WHERE archived_at IS NOT NULL") == 1

    async def nothing_is_left() -> bool:
        return await counted("busy_calendars") == 0

    # Else it is fetched once more, and due again only when the clock has moved on.
    await eventually(is_known_to_be_gone)
    clock.set(found["next_fetch_at"])
    await eventually(nothing_is_left)
    shown = await own.studio.client.get(
        "/api/calendar", params={"from": MONDAY, "to": MONDAY}, headers=own.headers
    )
    assert shown.json()["entries"] == []


async def test_it_is_fetched_every_ten_minutes_and_on_demand(connecting, elsewhere, clock) -> None:
    own = await connecting()
    url = elsewhere.put(calendar(MEETING))
    found = await own.connect(url)
    fetched_at = datetime.fromisoformat(found["fetched_at"])
    pause = datetime.fromisoformat(found["next_fetch_at"]) - fetched_at
    assert timedelta(minutes=9, seconds=30) <= pause <= timedelta(minutes=10, seconds=30)
    elsewhere.texts[elsewhere.path(url)] = calendar()
    soon = await own.again(found["id"])
    assert datetime.fromisoformat(soon["next_fetch_at"]) == fetched_at + timedelta(seconds=30)
    clock.set((fetched_at + timedelta(seconds=30)).isoformat())
    await own.tried(found["id"], since=found["fetched_at"])
    assert len(await own.studio.slots(MONDAY)) == 15


async def test_what_cannot_be_fetched_goes_on_to_block_for_seven_days(
    connecting, elsewhere, clock
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        return web.Response(status=503)

    own = await connecting()
    url = elsewhere.put(calendar(MEETING))
    found = await own.connect(url)
    blocked = await own.studio.slots(MONDAY)
    elsewhere.texts[elsewhere.path(url)] = broken

    async def fails(times: int) -> dict[str, Any] | None:
        answer = await own.studio.client.get(own.place, headers=own.headers)
        (item,) = answer.json()["items"]
        return item if item["failures"] == times else None

    now = datetime.fromisoformat(found["fetched_at"])
    pauses = []
    for times in range(1, 4):
        now = datetime.fromisoformat(found["next_fetch_at"])
        clock.set(now.isoformat())
        found = await eventually(lambda times=times: fails(times))
        pauses.append((datetime.fromisoformat(found["next_fetch_at"]) - now).seconds // 60)
    assert (found["failure"], found["answered_status"]) == ("answered_with_status", 503)
    assert [round(pause, -1) for pause in pauses] == [20, 40, 80]
    assert await own.studio.slots(MONDAY) == blocked
    lost = datetime.fromisoformat(found["fetched_at"]) + timedelta(days=7)
    clock.set(lost.isoformat())
    await eventually(lambda: fails(4))
    assert len(await own.studio.slots(MONDAY)) == 15


async def test_two_workers_fetch_it_once(connecting, elsewhere, settings) -> None:
    own = await connecting()
    async with served(worker.create(settings)):
        urls = [elsewhere.put(calendar(MEETING)) for _ in range(5)]
        for url in urls:
            await own.connect(url)
    assert [elsewhere.asked[elsewhere.path(url)] for url in urls] == [1] * 5
    sixth = await own.studio.client.post(
        own.place, json={"url": urls[0], "name": "6"}, headers=own.headers
    )
    assert (sixth.status_code, sixth.json()["type"]) == (409, "/problems/too-many-calendars")


async def test_its_address_is_told_to_nobody(connecting, elsewhere, capfd, clock) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("http://127.0.0.1:1/secret-inside")

    own = await connecting()
    url = elsewhere.put(broken)
    found = await own.connect(url)
    assert found["failure"] == "address_refused"
    assert found["host"] == SOMEBODY_ELSE
    assert "url" not in found
    refused = await own.studio.client.post(
        own.place,
        json={"url": "https://me:secret-word@example.com/secret-path", "name": "\0"},
        headers=own.headers,
    )
    assert refused.status_code == 422
    assert "secret" not in refused.text
    written = capfd.readouterr()
    assert "secret-" not in written.out + written.err


@pytest.mark.usefixtures("catalog_knows_no_more")
async def test_everybody_connects_their_own_and_the_studio_anybodys(connecting, elsewhere) -> None:
    own = await connecting(people=2)
    me, colleague = own.studio.staff
    url = elsewhere.put(calendar(MEETING))
    wanted = {"url": url, "name": "Private"}
    client = own.studio.client
    mine, theirs = (f"/api/staff/{staff}/busy-calendars" for staff in (me, colleague))
    as_me = own.studio.member(staff_id=me)
    assert (await client.post(mine, json=wanted, headers=as_me)).status_code == 201
    assert (await client.post(theirs, json=wanted, headers=as_me)).status_code == 403
    assert (await client.get(theirs, headers=as_me)).status_code == 403
    manager = own.studio.member("MANAGE_CALENDAR")
    connected = await client.post(theirs, json=wanted, headers=manager)
    assert connected.status_code == 201
    id_ = connected.json()["id"]
    for verb, place in (("POST", f"{mine}/{id_}/fetch"), ("DELETE", f"{mine}/{id_}")):
        answer = await client.request(verb, place, headers=as_me)
        assert answer.status_code == 404, "It is a colleague's."
    stranger = own.studio.signer.bearer(uuid4())
    assert (await client.get(mine, headers=stranger)).status_code == 404
    assert (await client.delete(f"{theirs}/{id_}", headers=stranger)).status_code == 404
