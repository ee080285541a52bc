"""Whatever the number of writers, nobody's time is given twice."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from stack.postgres import Postgres

OVERLAPS = """
    WITH taken AS (
        SELECT id, business_id, staff_id, tstzrange(
            starts_at - buffer_before_minutes * interval '1 minute',
            ends_at + buffer_after_minutes * interval '1 minute') AS during
        FROM appointments WHERE status <> 'cancelled')
    SELECT count(*) FROM taken a JOIN taken b
    ON a.staff_id = b.staff_id AND a.id < b.id AND a.during && b.during
    WHERE a.business_id = %s
"""


async def test_random_overlapping_requests_never_overlap_in_the_table(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio(
        people=3, duration_minutes=45, slot_step_minutes=5, buffer_after_minutes=10
    )
    chance = random.Random(7)
    opens = datetime(2027, 1, 4, 8, tzinfo=UTC)

    at_once = asyncio.Semaphore(64)

    async def one() -> int:
        starts_at = opens + timedelta(minutes=5 * chance.randrange(80))
        staff = chance.choice([*studio.staff, None])
        named = {"staff_id": str(staff)} if staff else {}
        async with at_once:
            return (await studio.book(starts_at.isoformat(), **named)).status_code

    statuses = await asyncio.gather(*(one() for _ in range(300)))
    assert set(statuses) <= {201, 409, 422}
    with psycopg.connect(database_server.url("scheduling")) as connection:
        booked = connection.execute(
            "SELECT count(*) FROM appointments WHERE business_id = %s", [studio.id]
        ).fetchone()
        overlaps = connection.execute(OVERLAPS, [studio.id]).fetchone()
    assert booked == (statuses.count(201),)
    assert overlaps == (0,)
    assert statuses.count(201) > 10


async def test_as_many_are_booked_at_once_as_there_are_people_free(open_studio) -> None:
    """Without the lock two would choose the same person, and one be refused for nothing."""
    studio = await open_studio(people=4)
    for hour in range(8, 14):
        answers = await asyncio.gather(
            *(studio.book(f"2027-01-04T{hour:02}:00:00Z") for _ in range(5))
        )
        assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409]


async def test_one_key_in_parallel_is_one_appointment_and_equal_answers(open_studio) -> None:
    studio = await open_studio()
    key = {"Idempotency-Key": "once"}
    answers = await asyncio.gather(
        *(studio.book("2027-01-04T08:00:00Z", headers=key) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


async def test_the_constraint_stands_behind_the_lock(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio()
    await studio.book("2027-01-04T08:00:00Z")
    copy = """
        INSERT INTO claims SELECT (jsonb_populate_record(c, jsonb_build_object('id',
        gen_random_uuid()))).* FROM claims c WHERE business_id = %s
    """
    with (
        psycopg.connect(database_server.url("scheduling")) as connection,
        pytest.raises(psycopg.errors.ExclusionViolation, match="one_claim_at_a_time"),
    ):
        connection.execute(copy, [studio.id])
