"""What availability says beside the slots: suggestions, reasons, the client's own days."""

import asyncio
from contextvars import ContextVar
from uuid import uuid4

from sqlalchemy import event
from sqlalchemy.engine import Engine

from chassis.testing import eventually
from contracts import catalog

noted: ContextVar[list[str]] = ContextVar("noted")

DAY = "2027-01-04"


async def availability(studio, **changed):
    wanted = {"service_id": str(studio.service), "from": DAY, "to": DAY} | changed
    return await studio.client.get(f"/api/public/booking/{studio.slug}/availability", params=wanted)


async def test_the_soonest_comes_first_and_then_what_leaves_no_unsellable_gap(open_studio) -> None:
    studio = await open_studio(duration_minutes=60, slot_step_minutes=15)
    await studio.book(f"{DAY}T10:30:00Z")
    found = (await availability(studio)).json()["suggestions"]
    # From 8:00 to 10:30 an hour is sold at either end, or half an hour is lost beside it.
    assert [(slot["starts_at"][11:16], slot["because"]) for slot in found] == [
        ("08:00", "soonest"),
        ("09:30", "no_gap"),
        ("11:30", "no_gap"),
        ("12:30", "no_gap"),
    ]


async def test_days_are_those_of_the_clients_zone(open_studio) -> None:
    studio = await open_studio()
    found = (await availability(studio, time_zone="Pacific/Auckland")).json()
    assert found["time_zone"] == "Pacific/Auckland"
    days = {day["date"]: [slot["starts_at"] for slot in day["slots"]] for day in found["days"]}
    assert list(days) == [DAY, "2027-01-05"]
    assert f"{DAY}T10:30:00Z" in days[DAY]
    assert f"{DAY}T11:00:00Z" in days["2027-01-05"]
    assert (await availability(studio, time_zone="Mars/Olympus")).status_code == 422


async def test_staff_are_told_every_reason_person_by_person(open_studio) -> None:
    studio = await open_studio(people=3)
    busy, off, _ = studio.staff
    await studio.book(f"{DAY}T10:00:00Z", staff_id=str(busy))
    await studio.work(off, [])
    asked = {"service_id": str(studio.service), "starts_at": f"{DAY}T10:15:00Z"}
    place = "/api/availability/reasons"
    answer = await studio.client.get(place, params=asked, headers=studio.owner)
    assert {one["staff_id"]: one["reasons"] for one in answer.json()["staff"]} == {
        str(busy): ["busy", "off_grid"],
        str(off): ["outside_hours"],
        str(studio.staff[2]): ["off_grid"],
    }
    foreign = asked | {"staff_id": str(uuid4())}
    assert (await studio.client.get(place, params=foreign, headers=studio.owner)).status_code == 422
    assert (await studio.client.get(place, params=asked)).status_code == 401


async def test_a_daily_limit_counts_local_days(open_studio) -> None:
    studio = await open_studio(zone="America/Los_Angeles", slot_step_minutes=60)
    await studio.work(
        studio.staff[0],
        [{"weekday": day, "starts_at": "00:00", "ends_at": "00:00"} for day in range(7)],
    )
    person = catalog.StaffMember(
        id=studio.staff[0], version=2, name="T0", status="active", daily_limit=2
    )
    await studio.tell(catalog.StaffMemberChanged, staff_member=person)
    await studio.book(f"{DAY}T00:00:00")
    await studio.book(f"{DAY}T23:00:00")

    async def full() -> bool:
        return not await studio.slots(DAY)

    await eventually(full)
    refused = await studio.book(f"{DAY}T12:00:00")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/daily-limit-reached")
    assert len(await studio.slots("2027-01-05")) == 24
    assert (await studio.book("2027-01-05T00:00:00")).status_code == 201


async def test_what_was_answered_is_never_older_than_the_last_change(open_studio) -> None:
    studio = await open_studio()
    for hour in range(8, 16):
        starts_at = f"{DAY}T{hour:02}:00:00Z"
        assert starts_at in await studio.slots(DAY)
        assert starts_at in await studio.slots(DAY)
        assert (await studio.book(starts_at)).status_code == 201
        assert starts_at not in await studio.slots(DAY)


async def test_what_was_answered_holds_until_the_clock_alone_changes_it(open_studio, clock) -> None:
    studio = await open_studio(notice_minutes=60, horizon_days=1)
    clock.set(f"{DAY}T06:59:00+00:00")
    for now, soonest in (
        ("07:00:00", "08:00"),
        ("07:00:01", "08:30"),
        ("06:00:00", "08:00"),
        ("22:59:59", ""),
        ("23:00:00", ""),
    ):
        clock.set(f"{DAY}T{now}+00:00")
        found = await studio.slots(DAY)
        assert (found[0][11:16] if found else "") == soonest, now
        in_sight = bool(await studio.slots("2027-01-06"))
        assert in_sight == (now == "23:00:00"), now


async def test_parallel_readers_and_writers_never_leave_an_old_answer_behind(open_studio) -> None:
    studio = await open_studio(people=1)
    starts = [f"{DAY}T{hour:02}:00:00Z" for hour in range(8, 16)]

    async def look() -> None:
        for _ in range(20):
            await studio.slots(DAY)

    await asyncio.gather(look(), look(), *(studio.book(start) for start in starts))
    assert await studio.slots(DAY) == []


async def test_as_many_statements_for_one_day_as_for_two_months_of_many_people(open_studio) -> None:
    alone, crowd = await open_studio(people=1), await open_studio(people=8)
    for staff in crowd.staff:
        await crowd.book(f"{DAY}T09:00:00Z", staff_id=str(staff))

    async def statements(studio, **asked) -> list[str]:
        # The worker of this process goes on meanwhile, in tasks that do not have this.
        seen: list[str] = []
        noted.set(seen)

        def note(_connection, _cursor, statement, *_rest) -> None:
            if noted.get(None) is seen:
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            wanted = {"service_id": str(studio.service), "from": DAY, "to": DAY} | asked
            await studio.client.get("/api/availability", params=wanted, headers=studio.owner)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return seen

    one_day, two_months = await statements(alone), await statements(crowd, to="2027-03-06")
    assert [s for s in two_months if "claims" in s] == [s for s in one_day if "claims" in s]
    assert len(one_day) == len(two_months) <= 4
