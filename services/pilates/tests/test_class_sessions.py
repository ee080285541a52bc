"""Single sessions: made, published once everything is held, and refused with the reason."""

import asyncio
from collections import Counter
from typing import Any

from pilates.class_sessions.models import ClassSession
from services.pilates.tests.studio import CLASS, Studio

EVENING = "2027-01-11T18:00"


async def test_a_session_is_published_with_its_instructor_and_room(studio: Studio) -> None:
    room, _ = await studio.room_with(8)
    made = await studio.publish_class(
        EVENING, room_id=room, spot_kind="reformer", instructor_id=str(studio.staff[0])
    )
    assert (made["instructor_name"], made["room_name"]) == ("T0", "Studio 1")
    assert (made["starts_at"], made["ends_at"]) == ("2027-01-11T17:00:00Z", "2027-01-11T18:00:00Z")
    assert (made["capacity"], made["effective_capacity"], made["free"]) == (8, 8, 8)
    seen = await studio.told("GET", f"/class-sessions/{made['id']}")
    assert seen == made


async def test_an_instructor_teaches_one_session_at_a_time(studio: Studio, rows: Any) -> None:
    wanted = CLASS | {"starts_at": EVENING, "instructor_id": str(studio.staff[0])}
    answers = await asyncio.gather(
        *(studio.ask("POST", "/class-sessions", json=wanted) for _ in range(5))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 4}
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["type"] == "/problems/instructor-not-free"
    assert refused["reason"]["type"] == "/problems/slot-taken"
    assert [row.status for row in await rows(ClassSession, studio.id)] == ["published"]
