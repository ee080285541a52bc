"""Another time, length or staff member: at the boundaries of the rules."""

from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from chassis.testing import eventually
from contracts import catalog
from stack.postgres import Postgres

DAY = "2027-01-04"
CLAIM = """
    SELECT staff_id, to_char(lower(during), 'HH24:MI'), to_char(upper(during), 'HH24:MI'), kind
    FROM claims WHERE business_id = %s ORDER BY during
"""


async def booked(studio: Any, at: str = "08:00:00Z", **changed: Any) -> dict[str, Any]:
    answer = await studio.book(f"{DAY}T{at}", **changed)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def move(
    studio: Any, id_: str, starts_at: str, as_: Any = None, **wanted: Any
) -> httpx2.Response:
    place = f"/api/appointments/{id_}/reschedule"
    headers = (as_ or studio.owner) | {"If-Match": "*"}
    wanted = {"starts_at": starts_at} | wanted
    return await studio.client.post(place, json=wanted, headers=headers)


def claimed(database: Postgres, studio: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.url("scheduling"), options="-c timezone=UTC") as connection:
        return connection.execute(CLAIM, [studio.id]).fetchall()


async def test_buffers_bind_a_move_as_they_bind_a_booking(open_studio) -> None:
    studio = await open_studio(
        duration_minutes=55, buffer_before_minutes=5, buffer_after_minutes=10, slot_step_minutes=5
    )
    await studio.work(studio.staff[0], [{"weekday": 0, "starts_at": "07:00", "ends_at": "20:00"}])
    await booked(studio, "10:00:00")
    it = await booked(studio, "15:00:00")
    outcomes = {}
    for at in ("11:09", "11:05", "11:10", "08:51", "08:55", "08:50"):
        outcomes[at] = (await move(studio, it["id"], f"{DAY}T{at}:00")).status_code
    assert outcomes == {
        "11:09": 409,
        "11:05": 409,
        "11:10": 200,
        "08:51": 409,
        "08:55": 409,
        "08:50": 200,
    }


async def test_buffers_stay_as_they_were_when_it_was_booked(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(buffer_before_minutes=5, buffer_after_minutes=10)
    it = await booked(studio)
    await studio.offer(version=2, buffer_before_minutes=0, buffer_after_minutes=60)
    await offered(database_server, studio, version=2)
    moved = await move(studio, it["id"], f"{DAY}T10:00:00Z", ends_at=f"{DAY}T10:30:00Z")
    assert moved.status_code == 200, moved.text
    kept = [(studio.staff[0], "09:55", "10:40", "appointment")]
    assert claimed(database_server, studio) == kept


async def offered(database: Postgres, studio: Any, version: int) -> None:
    async def is_heard() -> bool:
        with psycopg.connect(database.url("scheduling")) as connection:
            known = "SELECT version FROM services WHERE id = %s"
            return connection.execute(known, [studio.service]).fetchone() == (version,)

    await eventually(is_heard)


async def test_it_is_still_the_same_appointment(open_studio, database_server: Postgres) -> None:
    question = {"key": "injury", "label": "Injuries?", "required": True}
    studio = await open_studio(people=2, questions=[question])
    it = await booked(studio, answers={"injury": "none"}, staff_id=str(studio.staff[0]))
    place = f"/api/appointments/{it['id']}"
    before = (await studio.client.get(place, headers=studio.owner)).json()
    await studio.offer(version=2, price_cents=20_000, questions=[question])
    await offered(database_server, studio, version=2)
    moved = await move(
        studio,
        it["id"],
        f"{DAY}T11:00:00Z",
        ends_at=f"{DAY}T11:20:00Z",
        staff_id=str(studio.staff[1]),
    )
    changed = {
        "version": 2,
        "sequence": 1,
        "starts_at": f"{DAY}T11:00:00Z",
        "ends_at": f"{DAY}T11:20:00Z",
        "staff_id": str(studio.staff[1]),
        "staff_name": "T1",
    }
    assert moved.json() == before | changed
    assert moved.headers["ETag"] == '"2"'
    assert (await studio.book(f"{DAY}T08:00:00Z", answers={"injury": "no"})).status_code == 201


async def test_what_changes_nothing_is_answered_as_it_is(open_studio) -> None:
    studio = await open_studio()
    it = await booked(studio)
    for wanted in ({}, {"ends_at": f"{DAY}T09:00:00Z"}, {"staff_id": str(studio.staff[0])}):
        same = await move(studio, it["id"], f"{DAY}T09:00:00", **wanted)
        assert (same.status_code, same.json()["version"], same.json()["sequence"]) == (200, 1, 0)


async def test_it_may_overlap_where_it_was_but_nobody_else(open_studio) -> None:
    studio = await open_studio()
    it = await booked(studio)
    await booked(studio, "10:00:00Z")
    assert (await move(studio, it["id"], f"{DAY}T08:30:00Z")).status_code == 200
    longer = await move(studio, it["id"], f"{DAY}T08:30:00Z", ends_at=f"{DAY}T10:00:00Z")
    assert longer.status_code == 200
    for force in (False, True):
        taken = await move(studio, it["id"], f"{DAY}T09:00:00Z", outside_hours=force)
        assert (taken.status_code, taken.json()["type"]) == (409, "/problems/slot-taken")


@pytest.mark.parametrize(
    ("ends_at", "status"),
    [
        ("08:00:00", 422),
        ("07:00:00", 422),
        ("08:00:30", 422),
        ("08:01:00", 200),
        ("08:01:00+01:00", 200),
        ("08:01:00+02:00", 422),
    ],
)
async def test_it_lasts_at_least_a_minute(open_studio, ends_at, status) -> None:
    studio = await open_studio()
    it = await booked(studio)
    resized = await move(
        studio, it["id"], f"{DAY}T08:00:00", ends_at=f"{DAY}T{ends_at}", outside_hours=True
    )
    assert resized.status_code == status, resized.text


async def test_it_lasts_at_most_24_hours(open_studio) -> None:
    studio = await open_studio()
    it = await booked(studio)
    wanted = {"starts_at": f"{DAY}T08:00:00Z", "outside_hours": True}
    for ends_at, status in (("2027-01-05T08:01:00Z", 422), ("2027-01-05T08:00:00Z", 200)):
        resized = await move(studio, it["id"], ends_at=ends_at, **wanted)
        assert resized.status_code == status
        if status == 422:
            assert resized.json()["type"] == "/problems/length-refused"


async def test_only_on_purpose_outside_working_hours(open_studio) -> None:
    studio = await open_studio()
    it = await booked(studio)
    early = await move(studio, it["id"], f"{DAY}T06:00:00Z")
    assert (early.status_code, early.json()["type"]) == (422, "/problems/outside-working-hours")
    forced = await move(studio, it["id"], f"{DAY}T06:00:00Z", outside_hours=True)
    assert forced.status_code == 200


async def test_time_off_and_daily_limits_bind_a_move_unless_it_is_meant(open_studio) -> None:
    studio = await open_studio(people=2)
    it = await booked(studio, staff_id=str(studio.staff[0]))
    noon = {"starts_at": f"{DAY}T12:00:00", "ends_at": f"{DAY}T13:00:00"}
    off = {"title": "Dentist", "staff_id": str(studio.staff[0])} | noon
    assert (
        await studio.client.post("/api/time-off", json=off, headers=studio.owner)
    ).status_code == 201
    limited = catalog.StaffMember(
        id=studio.staff[1], version=2, name="T1", status="active", daily_limit=1
    )
    await booked(studio, "14:00:00Z", staff_id=str(studio.staff[1]))
    await studio.tell(catalog.StaffMemberChanged, staff_member=limited)
    place = f"/api/appointments/{it['id']}/moves"

    async def told() -> bool:
        params = {"from": DAY, "to": DAY}
        answer = await studio.client.get(place, params=params, headers=studio.owner)
        reasons = [{span["reason"] for span in one["refused"]} for one in answer.json()["staff"]]
        return reasons == [{"outside_hours", "time_off"}, {"busy", "daily_limit"}]

    await eventually(told)
    to_noon = await move(studio, it["id"], f"{DAY}T11:30:00")
    assert (to_noon.status_code, to_noon.json()["type"]) == (409, "/problems/on-time-off")
    other = {"staff_id": str(studio.staff[1])}
    to_other = await move(studio, it["id"], f"{DAY}T10:00:00", **other)
    assert (to_other.status_code, to_other.json()["type"]) == (
        409,
        "/problems/daily-limit-reached",
    )
    meant = {"outside_hours": True}
    assert (await move(studio, it["id"], f"{DAY}T11:30:00", **meant)).status_code == 200
    assert (await move(studio, it["id"], f"{DAY}T10:00:00", **other, **meant)).status_code == 200


async def test_only_whoever_offers_the_service_gets_it(open_studio) -> None:
    studio = await open_studio(people=3)
    first, second, third = studio.staff
    it = await booked(studio, staff_id=str(first))
    await studio.offer(version=2, staff_ids=[second])

    async def is_heard() -> bool:
        asked = {"service_id": str(studio.service), "staff_id": str(third), "from": DAY, "to": DAY}
        found = await studio.client.get("/api/availability", params=asked, headers=studio.owner)
        return found.status_code == 422

    await eventually(is_heard)
    later = f"{DAY}T09:00:00Z"
    for staff, status in ((third, 422), (uuid4(), 422), (first, 200), (second, 200)):
        answer = await move(studio, it["id"], later, staff_id=str(staff), outside_hours=True)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert answer.json()["type"] == "/problems/nobody-offers-this"


async def test_a_member_moves_within_their_own_calendar_only(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = map(str, studio.staff)
    it = await booked(studio, staff_id=mine)
    me = studio.member(staff_id=studio.staff[0])
    later = f"{DAY}T09:00:00Z"
    assert (await move(studio, it["id"], later, me, staff_id=theirs)).status_code == 403
    assert (await move(studio, it["id"], later, me)).status_code == 200


async def test_local_times_of_change_over_days_are_read_as_for_a_booking(
    open_studio, clock
) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio()
    it = await booked(studio)
    forced = {"outside_hours": True}
    skipped = await move(studio, it["id"], "2027-03-28T02:30:00", **forced)
    assert (skipped.status_code, skipped.json()["type"]) == (
        422,
        "/problems/nonexistent-local-time",
    )
    assert skipped.json()["next_valid"] == "2027-03-28T03:30:00+02:00"
    doubled = await move(studio, it["id"], "2026-10-25T02:30:00", **forced)
    assert doubled.json()["starts_at"] == "2026-10-25T00:30:00Z"
    assert doubled.json()["ends_at"] == "2026-10-25T01:30:00Z"
    across = await move(
        studio, it["id"], "2026-10-25T00:30:00", ends_at="2026-10-25T23:30:00", **forced
    )
    assert across.status_code == 200


async def test_whole_days_are_24_hours_of_elapsed_time(open_studio, clock) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio()
    it = await booked(studio)
    forced = {"outside_hours": True}
    autumn = await move(
        studio, it["id"], "2026-10-25T00:00:00", ends_at="2026-10-26T00:00:00", **forced
    )
    assert autumn.status_code == 422
    spring = await move(
        studio, it["id"], "2027-03-28T00:00:00", ends_at="2027-03-29T00:00:00", **forced
    )
    assert spring.status_code == 200


async def test_a_deposit_that_was_not_paid_in_time_moves_nowhere(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(requires_approval=True)
    it = await booked(studio)
    await lapse(database_server, it["id"])
    refused = await move(studio, it["id"], f"{DAY}T09:00:00Z")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/illegal-transition")


async def test_what_has_expired_stands_in_no_ones_way(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(requires_approval=True)
    gone, it = await booked(studio), await booked(studio, "09:00:00Z")
    await lapse(database_server, gone["id"])
    assert (await move(studio, it["id"], f"{DAY}T08:00:00Z")).status_code == 200
    confirm = f"/api/appointments/{gone['id']}/confirm"
    late = await studio.client.post(confirm, headers=studio.owner | {"If-Match": "*"})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/slot-taken")
    assert (await move(studio, it["id"], f"{DAY}T11:00:00Z")).status_code == 200
    free = await studio.client.post(confirm, headers=studio.owner | {"If-Match": "*"})
    assert (free.status_code, free.json()["status"]) == (200, "confirmed")
    assert len(claimed(database_server, studio)) == 2


async def lapse(database: Postgres, id_: str) -> None:
    """As if its deposit had been awaited, and the sweep had not come by yet."""
    long_ago = "2026-01-01T00:00:00Z"
    with psycopg.connect(database.url("scheduling")) as connection:
        connection.execute("UPDATE claims SET expires_at = %s WHERE id = %s", [long_ago, id_])
        connection.execute("UPDATE appointments SET pay_by = %s WHERE id = %s", [long_ago, id_])
