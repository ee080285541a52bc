"""Changes at the same time: one wins, the others are told, and nobody's time is given twice."""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx2
import psycopg

from chassis.testing import eventually
from contracts import catalog
from stack.postgres import Postgres

DAY = "2027-01-04"
OVERLAPS = """
    SELECT count(*) FROM appointments a JOIN appointments b
    ON a.business_id = b.business_id AND a.staff_id = b.staff_id AND a.id < b.id
        AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
    WHERE a.business_id = %s AND 'cancelled' NOT IN (a.status, b.status)
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
WITHOUT_ITS_TIME = """
    SELECT count(*) FROM appointments a FULL JOIN claims c
    ON c.business_id = a.business_id AND c.id = a.id
        AND (c.staff_id, c.starts_at, c.ends_at) = (a.staff_id, a.starts_at, a.ends_at)
    WHERE COALESCE(a.business_id, c.business_id) = %s
        AND (a.id IS NULL OR c.id IS NULL <> (a.status = 'cancelled'))
"""


async def booked(studio: Any, at: str, staff: int = 0) -> str:
    answer = await studio.book(f"{DAY}T{at}:00Z", staff_id=str(studio.staff[staff]))
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def move(studio: Any, id_: str, at: str, staff: int, seen: str = "*") -> httpx2.Response:
    return await studio.client.post(
        f"/api/appointments/{id_}/reschedule",
        json={"starts_at": f"{DAY}T{at}:00Z", "staff_id": str(studio.staff[staff])},
        headers=studio.owner | {"If-Match": seen},
    )


def count(database: Postgres, question: str, studio: Any = None) -> int:
    with psycopg.connect(database.url("scheduling")) as connection:
        found = connection.execute(question, [studio.id] if studio else None).fetchone()
    assert found
    return found[0]


async def test_of_two_writers_on_one_version_one_wins(open_studio) -> None:
    studio = await open_studio(people=2)
    it = await booked(studio, "08:00")
    for version in range(1, 9):
        seen = f'"{version}"'
        answers = await asyncio.gather(
            move(studio, it, f"{8 + version % 6:02}:00", 0, seen),
            move(studio, it, f"{8 + version % 6:02}:30", 1, seen),
        )
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert (won.status_code, lost.status_code) == (200, 412), lost.text
        assert lost.json()["current"]["starts_at"] == won.json()["starts_at"]
        assert lost.json()["current"]["staff_id"] == won.json()["staff_id"]
        assert won.headers["ETag"] == f'"{version + 1}"'


async def test_a_slot_is_booked_or_moved_into_but_not_both(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(people=2)
    for hour in range(9, 15):
        it = await booked(studio, "08:00")
        wanted = f"{hour:02}:00"
        moved, *others = await asyncio.gather(
            move(studio, it, wanted, 1),
            *(studio.book(f"{DAY}T{wanted}:00Z", staff_id=str(studio.staff[1])) for _ in range(5)),
        )
        got_it = Counter(answer.status_code in (200, 201) for answer in (moved, *others))
        assert got_it[True] == 1
        assert {answer.status_code for answer in (moved, *others)} <= {200, 201, 409}
        if moved.status_code == 409:
            cancel = f"/api/appointments/{it}/cancel"
            await studio.client.post(cancel, headers=studio.owner | {"If-Match": "*"})
    assert count(database_server, OVERLAPS, studio) == 0


async def test_of_many_that_move_into_one_slot_one_gets_it_without_deadlock(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(people=8)
    ids = [await booked(studio, "08:00", staff) for staff in range(8)]
    deadlocks = count(database_server, DEADLOCKS)
    for hour in range(9, 15):
        answers = await asyncio.gather(*(move(studio, it, f"{hour:02}:00", 0) for it in ids))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
    assert count(database_server, DEADLOCKS) == deadlocks


async def test_those_who_move_at_once_know_of_one_another(open_studio) -> None:
    """What no constraint says, only the lock on the person's time does: how much they take."""
    studio = await open_studio(people=6)
    ids = [await booked(studio, "08:00", staff) for staff in range(1, 6)]
    limited = catalog.StaffMember(
        id=studio.staff[0], version=2, name="T0", status="active", daily_limit=1
    )
    await studio.tell(catalog.StaffMemberChanged, staff_member=limited)

    async def heard() -> bool:
        it = await booked(studio, "14:00")
        refused = await studio.book(f"{DAY}T15:00:00Z", staff_id=str(studio.staff[0]))
        for id_ in (it, refused.json().get("id")):
            headers = studio.owner | {"If-Match": "*"}
            await studio.client.post(f"/api/appointments/{id_}/cancel", headers=headers)
        return refused.status_code == 409

    await eventually(heard)
    answers = await asyncio.gather(
        *(move(studio, it, f"{hour:02}:00", 0) for hour, it in enumerate(ids, start=9))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 4}


async def test_people_who_swap_and_book_at_once_end_without_overlap_or_deadlock(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(people=3, slot_step_minutes=15)
    ids = [await booked(studio, f"{hour:02}:00", staff) for hour in (8, 10) for staff in range(3)]
    deadlocks = count(database_server, DEADLOCKS)
    chance = random.Random(11)
    at_once = asyncio.Semaphore(24)

    async def one() -> httpx2.Response:
        at = f"{chance.randrange(8, 15):02}:{chance.choice(('00', '15', '30', '45'))}"
        staff = chance.randrange(3)
        async with at_once:
            if chance.random() < 0.3:
                return await studio.book(f"{DAY}T{at}:00Z", staff_id=str(studio.staff[staff]))
            if chance.random() < 0.1:
                place = f"/api/appointments/{chance.choice(ids)}/cancel"
                headers = studio.owner | {"If-Match": "*"}
                return await studio.client.post(place, headers=headers)
            return await move(studio, chance.choice(ids), at, staff)

    answers = await asyncio.gather(*(one() for _ in range(300)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 201, 409, 412}, statuses
    assert statuses[200] > 10
    assert count(database_server, OVERLAPS, studio) == 0
    assert count(database_server, WITHOUT_ITS_TIME, studio) == 0
    assert count(database_server, DEADLOCKS) == deadlocks
