"""Single sessions: made, published once everything is held, and refused with the reason."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from chassis.testing import eventually
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


async def test_a_draft_holds_nobody_until_it_is_published(studio: Studio) -> None:
    teacher = str(studio.staff[0])
    wanted = CLASS | {"starts_at": EVENING, "instructor_id": teacher}
    draft = await studio.told("POST", "/class-sessions", json=wanted | {"publish": False})
    assert (draft["status"], draft["refused"]) == ("draft", None)
    other = await studio.publish_class(EVENING, instructor_id=teacher)
    refused = await studio.ask("POST", f"/class-sessions/{draft['id']}/publish")
    assert refused.json()["type"] == "/problems/instructor-not-free"
    seen = await studio.told("GET", f"/class-sessions/{draft['id']}")
    assert seen["status"] == "draft"
    assert seen["refused"]["reason"]["type"] == "/problems/slot-taken"
    await studio.told("POST", f"/class-sessions/{other['id']}/cancel", json={})

    async def published() -> bool:
        answer = await studio.ask("POST", f"/class-sessions/{draft['id']}/publish")
        return answer.status_code == 200 and answer.json()["status"] == "published"

    await eventually(published)
    again = await studio.ask("POST", f"/class-sessions/{draft['id']}/publish")
    assert (again.status_code, again.json()["session_status"]) == (409, "published")


async def test_a_session_differs_from_its_template_where_it_says_so(studio: Studio) -> None:
    template = await studio.template(name="Barre", capacity=12, duration_minutes=45)
    wanted = {"template_id": template, "starts_at": EVENING, "capacity": 6}
    made = await studio.told("POST", "/class-sessions", json=wanted)
    assert (made["name"], made["capacity"], made["overridden"]) == ("Barre", 6, ["capacity"])
    assert made["ends_at"] == "2027-01-11T17:45:00Z"


async def test_moved_by_half_an_hour_it_overlaps_itself_and_frees_the_old_time(
    studio: Studio,
) -> None:
    room, _ = await studio.room_with(8)
    things = {"room_id": room, "spot_kind": "reformer", "instructor_id": str(studio.staff[0])}
    made = await studio.publish_class(EVENING, **things)
    await studio.sell("mia")
    place = await studio.booked(made["id"], "mia")
    moved = await patched(studio, made, starts_at="2027-01-11T18:30")
    assert moved.status_code == 200, moved.text
    told = moved.json()
    assert (told["starts_at"], told["ends_at"]) == ("2027-01-11T17:30:00Z", "2027-01-11T18:30:00Z")
    assert (told["overridden"], told["consequences"]["moved"]) == ([], [place["id"]])
    [seen] = await studio.attendances(made["id"])
    assert seen["starts_at"] == "2027-01-11T17:30:00Z"

    async def old_time_is_free() -> bool:
        wanted = CLASS | {"starts_at": "2027-01-11T17:30"} | things
        return (await studio.ask("POST", "/class-sessions", json=wanted)).status_code == 201

    await eventually(old_time_is_free)


async def test_what_cannot_be_held_leaves_it_as_it_was(studio: Studio) -> None:
    room, _ = await studio.room_with(8)
    teacher = str(studio.staff[0])
    made = await studio.publish_class(EVENING, instructor_id=teacher)
    await studio.publish_class("2027-01-11T20:00", instructor_id=teacher)
    await studio.publish_class("2027-01-11T12:00", room_id=room)
    busy = await patched(studio, made, starts_at="2027-01-11T20:30")
    assert (busy.status_code, busy.json()["type"]) == (409, "/problems/instructor-not-free")
    taken = await patched(
        studio,
        busy.json() | {"id": made["id"], "version": "*"},
        starts_at="2027-01-11T12:30",
        room_id=room,
    )
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/room-taken")
    seen = await studio.told("GET", f"/class-sessions/{made['id']}")
    assert (seen["starts_at"], seen["room_id"]) == (made["starts_at"], None)
    assert seen["refused"]["type"] == "/problems/instructor-not-free"


async def patched(studio: Studio, made: dict[str, Any], **wanted: Any) -> httpx2.Response:
    seen = made["version"] if made["version"] == "*" else f'"{made["version"]}"'
    return await studio.ask(
        "PATCH", f"/class-sessions/{made['id']}", json=wanted, headers={"If-Match": seen}
    )


async def test_an_instructor_is_substituted_and_the_first_is_free_again(
    open_studio: Callable[..., Awaitable[Studio]],
) -> None:
    studio = await open_studio(people=2)
    first, second = map(str, studio.staff)
    made = await studio.publish_class(EVENING, instructor_id=first)
    told = (await patched(studio, made, instructor_id=second)).json()
    assert (told["instructor_id"], told["instructor_name"]) == (second, "T1")

    async def first_is_free() -> bool:
        wanted = CLASS | {"starts_at": EVENING, "instructor_id": first}
        return (await studio.ask("POST", "/class-sessions", json=wanted)).status_code == 201

    await eventually(first_is_free)
    nobody = (await patched(studio, told, instructor_id=None)).json()
    assert nobody["instructor_name"] is None


async def test_capacity_goes_no_lower_than_what_is_booked_and_up_it_promotes(
    studio: Studio,
) -> None:
    made = await studio.publish_class(EVENING, capacity=2)
    for name in ("mia", "noa", "ida"):
        await studio.sell(name)
    await studio.booked(made["id"], "mia")
    await studio.booked(made["id"], "noa")
    waiting = await studio.book(made["id"], "ida", join_waitlist=True)
    assert waiting.status_code == 202, waiting.text
    low = await patched(studio, made, capacity=1)
    assert (low.status_code, low.json()["type"]) == (409, "/problems/capacity-below-booked")
    assert (low.json()["booked"], low.json()["offered"]) == (2, 0)
    high = (await patched(studio, made, capacity=3)).json()
    assert (high["capacity"], high["booked"], high["waiting"]) == (3, 3, 0)
    assert len(high["consequences"]["promoted"]) == 1


async def test_cancelled_by_the_studio_everybody_has_their_credit_back(studio: Studio) -> None:
    made = await studio.publish_class(EVENING)
    package = await studio.sell("mia")
    place = await studio.booked(made["id"], "mia")
    told = await studio.told(
        "POST", f"/class-sessions/{made['id']}/cancel", json={"reason": "Water damage"}
    )
    assert (told["status"], told["cancellation_reason"]) == ("cancelled", "Water damage")
    assert told["consequences"]["cancelled"] == [place["id"]]
    assert await studio.balance(package) == 10
    again = await studio.ask("POST", f"/class-sessions/{made['id']}/cancel", json={})
    assert (again.status_code, again.json()["session_status"]) == (409, "cancelled")
    kept = await studio.ask("DELETE", f"/class-sessions/{made['id']}")
    assert kept.json()["type"] == "/problems/session-has-places"


async def test_one_that_nobody_booked_is_deleted_as_if_it_had_never_been(studio: Studio) -> None:
    made = await studio.publish_class(EVENING, instructor_id=str(studio.staff[0]))
    assert (await studio.ask("DELETE", f"/class-sessions/{made['id']}")).status_code == 204
    gone = await studio.ask("GET", f"/class-sessions/{made['id']}")
    assert gone.status_code == 404
    listed = await studio.told(
        "GET", "/class-sessions", params={"from": "2027-01-11", "to": "2027-01-11"}
    )
    assert listed["items"] == []
