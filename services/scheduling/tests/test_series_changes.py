"""This, this and future, or all: what a change of a series changes, and what it leaves alone."""

import asyncio
import json
from collections import Counter
from typing import Any

import httpx2
import psycopg

from stack.postgres import Postgres

MONDAY = "2027-01-04"


async def booked(studio: Any, count: int = 4, at: str = f"{MONDAY}T10:00:00", **more: Any) -> Any:
    wanted = {
        "service_id": str(studio.service),
        "staff_id": str(studio.staff[0]),
        "starts_at": at,
        "rule": f"FREQ=WEEKLY;COUNT={count}",
        "customer": {"name": "Ada"},
    } | more
    answer = await studio.client.post("/api/appointment-series", json=wanted, headers=studio.owner)
    assert answer.status_code == 201, answer.text
    ids = [one["appointment_id"] for one in answer.json()["occurrences"]]
    return answer.json()["id"], ids


async def act(
    studio: Any, id_: str, action: str, seen: str = "*", as_: Any = None, **wanted: Any
) -> httpx2.Response:
    headers = (as_ or studio.owner) | {"If-Match": seen}
    place = f"/api/appointments/{id_}/{action}"
    return await studio.client.post(place, json=wanted, headers=headers)


async def appointments(studio: Any) -> dict[str, dict[str, Any]]:
    listed = await studio.client.get("/api/appointments?limit=100", headers=studio.owner)
    return {one["id"]: one for one in listed.json()["items"]}


async def times(studio: Any, ids: list[str]) -> list[str]:
    """`MM-DD HH:MM` in UTC."""
    found = await appointments(studio)
    return [found[id_]["starts_at"][5:16].replace("T", " ") for id_ in ids]


async def overridden(studio: Any, series_id: str) -> list[bool]:
    answer = await studio.client.get(f"/api/appointment-series/{series_id}", headers=studio.owner)
    return [one["overridden"] for one in answer.json()["appointments"]]


def told(database: Postgres, studio: Any) -> list[tuple[str, str, int]]:
    with psycopg.connect(database.url("scheduling")) as connection:
        rows = connection.execute(
            "SELECT address, body FROM outbox WHERE address LIKE %s ORDER BY position",
            [f"scheduling.appointment.%{studio.id}"],
        ).fetchall()
    facts = [(address.split(".")[2], json.loads(body)["appointment"]) for address, body in rows]
    return [(what, fact["id"], fact["sequence"]) for what, fact in facts if what != "confirmed"]


async def test_this_is_changed_alone_and_keeps_its_place(open_studio) -> None:
    studio = await open_studio()
    series, ids = await booked(studio)
    moved = await act(studio, ids[1], "reschedule", starts_at="2027-01-12T14:00:00", scope="this")
    assert moved.status_code == 200
    assert moved.json()["occurs_on"] == "2027-01-11T10:00:00"
    assert await times(studio, ids) == [
        "01-04 09:00",
        "01-12 13:00",
        "01-18 09:00",
        "01-25 09:00",
    ]
    assert await overridden(studio, series) == [False, True, False, False]


async def test_this_and_future_moves_the_rest_and_splits_the_series(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio()
    series, ids = await booked(studio)
    moved = await act(
        studio, ids[1], "reschedule", starts_at="2027-01-12T11:30:00", scope="this_and_future"
    )
    assert moved.status_code == 200, moved.text
    assert await times(studio, ids) == [
        "01-04 09:00",
        "01-12 10:30",
        "01-19 10:30",
        "01-26 10:30",
    ]
    later = moved.json()["series_id"]
    assert later != series
    assert (await overridden(studio, series), await overridden(studio, later)) == (
        [False],
        [False, False, False],
    )
    shown = await studio.client.get(f"/api/appointment-series/{later}", headers=studio.owner)
    assert (shown.json()["split_from"], shown.json()["moved_minutes"]) == (series, 24 * 60 + 90)
    assert told(database_server, studio) == [("rescheduled", id_, 1) for id_ in ids[1:]]


async def test_all_moves_what_is_still_to_come(open_studio, clock) -> None:
    studio = await open_studio()
    series, ids = await booked(studio)
    clock.set("2027-01-12T00:00:00+00:00")
    owner = studio.signer.bearer(studio.id, exp=4_000_000_000)
    moved = await act(
        studio, ids[3], "reschedule", as_=owner, starts_at="2027-01-25T15:00:00", scope="all"
    )
    assert moved.status_code == 200, moved.text
    clock.unset()
    assert await times(studio, ids) == [
        "01-04 09:00",
        "01-11 09:00",
        "01-18 14:00",
        "01-25 14:00",
    ]
    assert moved.json()["series_id"] != series


async def test_all_of_a_series_to_come_stays_one_series(open_studio) -> None:
    studio = await open_studio()
    series, ids = await booked(studio)
    moved = await act(studio, ids[2], "reschedule", starts_at="2027-01-18T15:00:00", scope="all")
    assert moved.json()["series_id"] == series
    assert await times(studio, ids) == [
        "01-04 14:00",
        "01-11 14:00",
        "01-18 14:00",
        "01-25 14:00",
    ]
    assert await overridden(studio, series) == [False] * 4


async def test_overridden_ones_keep_their_overrides_and_cancelled_ones_stay_cancelled(
    open_studio,
) -> None:
    studio = await open_studio(people=2)
    _, ids = await booked(studio, count=6)
    await act(studio, ids[1], "reschedule", starts_at="2027-01-12T14:00:00")
    other = str(studio.staff[1])
    await act(studio, ids[2], "reschedule", starts_at="2027-01-18T10:00:00", staff_id=other)
    await act(
        studio, ids[3], "reschedule", starts_at="2027-01-25T10:00:00", ends_at="2027-01-25T10:30:00"
    )
    await act(studio, ids[4], "cancel")
    moved = await act(
        studio, ids[0], "reschedule", starts_at="2027-01-04T12:00:00", scope="this_and_future"
    )
    assert moved.status_code == 200, moved.text
    assert await times(studio, ids) == [
        "01-04 11:00",
        "01-12 13:00",
        "01-18 09:00",
        "01-25 09:00",
        "02-01 09:00",
        "02-08 11:00",
    ]
    found = await appointments(studio)
    assert [found[id_]["version"] for id_ in ids] == [2, 2, 2, 2, 2, 2]
    assert found[ids[4]]["status"] == "cancelled"
    # What was put back where its series is moves with it again.
    await act(studio, ids[1], "reschedule", starts_at="2027-01-11T12:00:00")
    again = await act(studio, ids[5], "reschedule", starts_at="2027-02-08T13:00:00", scope="all")
    assert again.status_code == 200
    assert (await times(studio, ids))[1] == "01-11 12:00"


async def test_a_shift_on_the_wall_clock_is_the_same_over_a_change_over(open_studio) -> None:
    studio = await open_studio()
    _, ids = await booked(studio, at="2027-03-15T10:00:00")
    moved = await act(
        studio, ids[0], "reschedule", starts_at="2027-03-16T12:00:00", scope="this_and_future"
    )
    assert moved.status_code == 200
    assert await times(studio, ids) == [
        "03-16 11:00",
        "03-23 11:00",
        "03-30 10:00",
        "04-06 10:00",
    ]


async def test_what_the_clocks_moved_is_shifted_from_its_own_time(open_studio) -> None:
    studio = await open_studio()
    night = [{"weekday": day, "starts_at": "01:00", "ends_at": "06:00"} for day in range(7)]
    await studio.work(studio.staff[0], night)
    _, ids = await booked(studio, count=3, at="2027-03-21T02:30:00")
    moved = await act(studio, ids[1], "reschedule", starts_at="2027-03-28T04:00:00", scope="all")
    assert moved.status_code == 200, moved.text
    assert await times(studio, ids) == ["03-21 03:00", "03-28 02:00", "04-04 02:00"]


async def test_a_daily_series_moves_onto_its_own_days(open_studio) -> None:
    studio = await open_studio()
    _, ids = await booked(studio, rule="FREQ=DAILY;COUNT=5")
    for starts_at, first in (("2027-01-05T10:00:00", 5), ("2027-01-03T10:30:00", 3)):
        moved = await act(studio, ids[0], "reschedule", starts_at=starts_at, scope="all")
        assert moved.status_code == 200, moved.text
        assert [at[:5] for at in await times(studio, ids)] == [
            f"01-{day:02}" for day in range(first, first + 5)
        ]


async def test_length_and_staff_change_for_all_of_them(open_studio) -> None:
    studio = await open_studio(people=2)
    series, ids = await booked(studio)
    changed = await act(
        studio,
        ids[0],
        "reschedule",
        starts_at=f"{MONDAY}T10:00:00",
        ends_at=f"{MONDAY}T10:30:00",
        staff_id=str(studio.staff[1]),
        scope="all",
    )
    assert changed.status_code == 200, changed.text
    found = await appointments(studio)
    assert {found[id_]["staff_id"] for id_ in ids} == {str(studio.staff[1])}
    assert {found[id_]["ends_at"][11:16] for id_ in ids} == {"09:30"}
    assert await overridden(studio, series) == [False] * 4
    again = await booked(studio)
    assert len(again[1]) == 4


async def test_one_conflict_leaves_all_as_they_were(open_studio, database_server: Postgres) -> None:
    studio = await open_studio()
    series, ids = await booked(studio)
    await studio.book("2027-01-18T11:00:00Z")
    before = await appointments(studio)
    refused = await act(
        studio, ids[0], "reschedule", starts_at=f"{MONDAY}T11:30:00", scope="this_and_future"
    )
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/series-conflicts")
    assert refused.json()["conflicts"] == [
        {
            "occurs_on": "2027-01-18T10:00:00",
            "starts_at": "2027-01-18T10:30:00+00:00",
            "reason": "busy",
        }
    ]
    late = await act(studio, ids[0], "reschedule", starts_at=f"{MONDAY}T18:00:00", scope="all")
    assert {one["reason"] for one in late.json()["conflicts"]} == {"outside_hours"}
    assert len(late.json()["conflicts"]) == 4
    assert await appointments(studio) == before
    assert told(database_server, studio) == []
    assert (await studio.book(f"{MONDAY}T09:00:00Z")).status_code == 409
    forced = await act(
        studio,
        ids[0],
        "reschedule",
        starts_at=f"{MONDAY}T18:00:00",
        scope="all",
        outside_hours=True,
    )
    assert forced.status_code == 200
    assert await overridden(studio, series) == [False] * 4


async def test_what_changes_nothing_tells_nobody(open_studio, database_server: Postgres) -> None:
    studio = await open_studio()
    _, ids = await booked(studio)
    same = await act(studio, ids[1], "reschedule", starts_at="2027-01-11T10:00:00", scope="all")
    assert (same.status_code, same.json()["version"]) == (200, 1)
    assert told(database_server, studio) == []


async def test_cancelling_takes_the_overridden_along_and_frees_the_time(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio()
    _, ids = await booked(studio)
    await act(studio, ids[2], "reschedule", starts_at="2027-01-19T14:00:00")
    cancelled = await act(
        studio, ids[1], "cancel", '"1"', scope="this_and_future", reason="Moving away"
    )
    assert cancelled.status_code == 200, cancelled.text
    found = await appointments(studio)
    statuses = [found[id_]["status"] for id_ in ids]
    assert statuses == ["confirmed", "cancelled", "cancelled", "cancelled"]
    assert {found[id_]["cancellation_reason"] for id_ in ids[1:]} == {"Moving away"}
    told_cancelled = [one for one in told(database_server, studio) if one[0] == "cancelled"]
    assert told_cancelled == [
        ("cancelled", ids[1], 1),
        ("cancelled", ids[2], 2),
        ("cancelled", ids[3], 1),
    ]
    assert (await studio.book("2027-01-25T09:00:00Z")).status_code == 201
    again = await act(studio, ids[1], "cancel", scope="this_and_future")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/illegal-transition")
    assert (await act(studio, ids[0], "cancel", scope="all")).status_code == 200
    assert Counter(one["status"] for one in (await appointments(studio)).values()) == {
        "cancelled": 4,
        "confirmed": 1,
    }


async def test_the_version_is_that_of_the_one_named(open_studio) -> None:
    studio = await open_studio()
    _, ids = await booked(studio)
    await act(studio, ids[2], "reschedule", starts_at="2027-01-18T14:00:00")
    place = {"starts_at": "2027-01-11T11:00:00", "scope": "this_and_future"}
    stale = await act(studio, ids[1], "reschedule", '"2"', **place)
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
    unseen = await studio.client.post(
        f"/api/appointments/{ids[1]}/reschedule", json=place, headers=studio.owner
    )
    assert unseen.status_code == 428
    answers = await asyncio.gather(
        *(act(studio, ids[1], "reschedule", '"1"', **place) for _ in range(6))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 5}


async def test_only_a_series_has_a_future_and_only_its_own_people_change_it(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = studio.staff
    alone = (await studio.book(f"{MONDAY}T14:00:00Z", staff_id=str(mine))).json()["id"]
    for action, wanted in (("cancel", {}), ("reschedule", {"starts_at": f"{MONDAY}T13:00:00Z"})):
        refused = await act(studio, alone, action, scope="all", **wanted)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-in-series")
        odd = await act(studio, alone, action, scope="everything", **wanted)
        assert odd.status_code == 422
    _, ids = await booked(studio)
    await act(studio, ids[3], "reschedule", starts_at="2027-01-25T10:00:00", staff_id=str(theirs))
    me, colleague = studio.member(staff_id=mine), studio.member(staff_id=theirs)
    assert (await act(studio, ids[0], "cancel", as_=colleague, scope="all")).status_code == 404
    assert (await act(studio, ids[0], "cancel", as_=me, scope="all")).status_code == 403
    shift = {"starts_at": f"{MONDAY}T11:00:00", "scope": "all"}
    to_them = await act(studio, ids[0], "reschedule", as_=me, staff_id=str(theirs), **shift)
    assert to_them.status_code == 403
    assert (await act(studio, ids[0], "reschedule", as_=me, **shift)).status_code == 200


async def test_series_that_move_at_once_end_without_overlap_or_deadlock(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(people=2)
    people = [str(staff) for staff in studio.staff]
    all_ids = [
        (await booked(studio, at=f"{MONDAY}T{hour}:00:00", staff_id=staff))[1]
        for hour in (10, 12)
        for staff in people
    ]
    moves = [
        act(
            studio,
            ids[n % 2],
            "reschedule",
            starts_at=f"2027-01-{4 + 7 * (n % 2):02}T{9 + (n * 5) % 7:02}:00:00",
            staff_id=people[n % 3 % 2],
            scope="this_and_future",
        )
        for n in range(6)
        for ids in all_ids
    ]
    cancel = act(studio, all_ids[0][2], "cancel", scope="this_and_future")
    answers = await asyncio.gather(*moves, cancel)
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 409, 412}, statuses
    assert statuses[200] > 1
    overlaps = """
        SELECT count(*) FROM appointments a JOIN appointments b ON a.business_id = b.business_id
        AND a.staff_id = b.staff_id AND a.id < b.id AND a.starts_at < b.ends_at
        AND b.starts_at < a.ends_at
        WHERE a.business_id = %s AND 'cancelled' NOT IN (a.status, b.status)
    """
    lost = """
        SELECT count(*) FROM appointments a FULL JOIN claims c
        ON c.business_id = a.business_id AND c.id = a.id
            AND c.during = tstzrange(a.starts_at, a.ends_at) AND c.staff_id = a.staff_id
        WHERE COALESCE(a.business_id, c.business_id) = %s
            AND (a.id IS NULL OR c.id IS NULL <> (a.status = 'cancelled'))
    """
    with psycopg.connect(database_server.url("scheduling")) as connection:
        assert connection.execute(overlaps, [studio.id]).fetchone() == (0,)
        assert connection.execute(lost, [studio.id]).fetchone() == (0,)
