"""What catalog asks before it archives: sessions that somebody teaches, places that they have."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import nats

from contracts.pilates import CountFuturePlaces
from services.pilates.tests.studio import MovedClock, Studio

EVENING = "2027-01-11T18:00"
BEFORE, AFTER = datetime(2027, 1, 11, 17, 59, tzinfo=UTC), datetime(2027, 1, 11, 18, tzinfo=UTC)


async def count(studio: Studio, noun: Any, id_: UUID, at: datetime = BEFORE) -> int:
    asked = CountFuturePlaces(business_id=studio.id, noun=noun, id=id_, at=at)
    connection = await nats.connect(studio.nats_url)
    answered = await connection.request(asked.subject, asked.model_dump_json().encode(), 10)
    await connection.close()
    return int(json.loads(answered.data)["reply"]["count"])


async def test_sessions_count_until_they_end_and_drafts_do_not(
    studio: Studio, clock: MovedClock
) -> None:
    [teacher] = studio.staff
    await studio.publish_class(EVENING, instructor_id=str(teacher))
    wanted = {"starts_at": "2027-01-12T18:00", "instructor_id": str(teacher), "publish": False}
    template = await studio.template()
    await studio.told("POST", "/class-sessions", json=wanted | {"template_id": template})
    assert await count(studio, "staff_member", teacher) == 1
    assert await count(studio, "staff_member", teacher, AFTER) == 0
    assert await count(studio, "staff_member", uuid4()) == 0


async def test_places_and_waiting_count_until_they_are_given_up(studio: Studio) -> None:
    made = await studio.publish_class(EVENING, capacity=1)
    mia, noa = await studio.introduce("mia", "noa")
    for name in ("mia", "noa"):
        await studio.sell(name)
    place = await studio.booked(made["id"], "mia")
    assert (await studio.book(made["id"], "noa", join_waitlist=True)).status_code == 202
    assert [await count(studio, "customer", who) for who in (mia, noa)] == [1, 1]
    await studio.cancel(place)
    assert [await count(studio, "customer", who) for who in (mia, noa)] == [0, 1]
    assert await count(studio, "service", uuid4()) == 0
