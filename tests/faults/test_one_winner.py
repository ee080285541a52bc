"""Many hands reach for one thing, through the gateway: one gets it, the others are told why not."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from stack.testing import RunningStack
from tests.databases import deadlocks, rows
from tests.mailbox import Mailbox
from tests.studio import Studio, open_studio

HANDS = 200

OVERLAPS = """
    WITH taken AS (
        SELECT id, business_id, staff_id, tstzrange(
            starts_at - buffer_before_minutes * interval '1 minute',
            ends_at + buffer_after_minutes * interval '1 minute') AS during
        FROM appointments WHERE status <> 'cancelled')
    SELECT a.id, b.id FROM taken a JOIN taken b
    ON a.staff_id = b.staff_id AND a.id < b.id AND a.during && b.during
"""
BOOKINGS = "SELECT id FROM appointments WHERE status <> 'cancelled'"

BOOKED, TAKEN = (201, ""), (409, "/problems/slot-taken")


def outcome(answer: httpx2.Response) -> tuple[int, str]:
    """With what a refusal says, so that an unexpected one explains itself."""
    told = answer.json()
    return answer.status_code, told.get("type", "") + told.get("detail", "")


@pytest.fixture
async def studio(gateway: httpx2.AsyncClient) -> Studio:
    return await open_studio(gateway)


async def test_of_200_who_want_one_slot_one_gets_it(
    stack: RunningStack, studio: Studio, in_full: bool
) -> None:
    for place in studio.places(20 if in_full else 5):
        answers = await asyncio.gather(
            *(studio.book(f"hand-{hand}@example.com", **place) for hand in range(HANDS))
        )
        assert Counter(map(outcome, answers)) == {BOOKED: 1, TAKEN: HANDS - 1}
    assert deadlocks(stack, "scheduling") == []


async def test_random_overlapping_wishes_never_overlap_in_the_table(
    stack: RunningStack, gateway: httpx2.AsyncClient, in_full: bool
) -> None:
    studio = await open_studio(
        gateway, people=3, duration_minutes=45, slot_step_minutes=5, buffer_after_minutes=10
    )
    chance = random.Random(7)
    at_once = asyncio.Semaphore(HANDS)

    async def wish(number: int) -> tuple[int, str]:
        # Nobody works over midnight, where one day's hours end and the next day's begin.
        starts_at = studio.first_midnight + timedelta(minutes=5 * chance.randrange(23 * 12))
        staff = chance.choice([*studio.staff, None])
        place = {"starts_at": starts_at.isoformat()} | ({"staff_id": staff} if staff else {})
        async with at_once:
            return outcome(await studio.book(f"wish-{number}@example.com", **place))

    count = 3000 if in_full else 600
    outcomes = Counter(await asyncio.gather(*map(wish, range(count))))
    assert set(outcomes) == {BOOKED, TAKEN}
    assert len(rows(stack, "scheduling", studio.business_id, BOOKINGS)) == outcomes[BOOKED]
    assert rows(stack, "scheduling", studio.business_id, OVERLAPS) == []
    assert deadlocks(stack, "scheduling") == []


async def test_200_times_the_same_idempotency_key_is_one_appointment(
    stack: RunningStack, studio: Studio, mailbox: Mailbox
) -> None:
    (place,) = studio.places(1)
    email, key = f"{uuid4().hex}@example.com", {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(studio.book(email, key, **place) for _ in range(HANDS)))
    early = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["type"] for answer in early} <= {"/problems/idempotency-key-in-progress"}
    answers = [answer for answer in answers if answer not in early]
    answers += [await studio.book(email, key, **place) for _ in early]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    booked = rows(stack, "scheduling", studio.business_id, BOOKINGS)
    assert [str(id_) for (id_,) in booked] == [answers[0].json()["id"]]
    assert len(await eventually(lambda: mailbox(email))) == 1
    other = await studio.book("else@example.com", key, **place)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
