"""When scheduling is silent, or somebody dies between the steps, a class settles by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from chassis import failpoints, settlement
from chassis.database import create_engine, enter_business, in_transaction, sessions_of
from chassis.testing import eventually
from contracts import catalog
from pilates.class_series.models import ClassSeries
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import StaffMember
from pilates.resources.models import Reservation
from pilates.settings import PilatesSettings
from scheduling.claims.models import Claim
from scheduling.copies.models import StaffMember as KnownToScheduling
from services.pilates.tests.studio import CLASS, TODAY, MovedClock, Studio

EVENING = "2027-01-11T18:00"

Newcomer = Callable[[Studio], Awaitable[UUID]]


@pytest.fixture
async def newcomer(settings: PilatesSettings) -> AsyncIterator[Newcomer]:
    """Somebody of whom pilates has heard, and scheduling not yet: it is silent about them."""
    engine = create_engine(settings.database_url, "tests", 2)

    async def hired(studio: Studio) -> UUID:
        staff_id = uuid4()

        async def add(session: Any) -> None:
            await enter_business(session, studio.id)
            person = StaffMember(business_id=studio.id, id=staff_id, version=0, name="New")
            session.add(person)

        await in_transaction(sessions_of(engine), add)
        return staff_id

    yield hired
    await engine.dispose()


async def introduce(
    studio: Studio, staff_id: UUID, scheduling_rows: Any, *, archived: bool = False
) -> None:
    """Scheduling hears of them."""
    person = catalog.StaffMember(
        id=staff_id,
        version=1,
        name="New",
        status="active",
        archived_at=datetime.now(UTC) if archived else None,
    )
    await studio.tell(catalog.StaffMemberChanged, staff_member=person)

    async def heard() -> bool:
        known = await scheduling_rows(KnownToScheduling, studio.id)
        return staff_id in {person.id for person in known}

    await eventually(heard)


async def make(studio: Studio, **wanted: Any) -> httpx2.Response:
    return await studio.ask("POST", "/class-sessions", json=CLASS | {"starts_at": EVENING} | wanted)


async def becomes(studio: Studio, one: dict[str, Any], status: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        seen = await studio.ask("GET", f"/class-sessions/{one['id']}")
        return seen.json() if seen.json()["status"] == status else None

    return await eventually(look)


def later(clock: MovedClock, **by: float) -> None:
    clock.set((datetime.fromisoformat(TODAY) + timedelta(**by)).isoformat())


async def test_silence_is_202_and_it_settles_by_itself_either_way(
    studio: Studio, newcomer: Newcomer, clock: MovedClock, rows: Any, scheduling_rows: Any
) -> None:
    comes, goes = await newcomer(studio), await newcomer(studio)
    room, _ = await studio.room_with(1)
    other_room, _ = await studio.room_with(0)
    key = {"Idempotency-Key": "k"}
    wanted = CLASS | {"starts_at": EVENING, "instructor_id": str(comes), "room_id": room}
    taught, untaught = await asyncio.gather(
        studio.ask("POST", "/class-sessions", json=wanted, headers=key),
        make(studio, instructor_id=str(goes), room_id=other_room),
    )
    again = await studio.ask("POST", "/class-sessions", json=wanted, headers=key)
    assert (taught.status_code, again.status_code) == (202, 202)
    one = taught.json()
    assert (one["status"], again.json()["id"]) == ("pending", one["id"])
    assert taught.headers["Location"] == f"/api/class-sessions/{one['id']}"
    # Nobody books it yet, and nobody else has the room meanwhile.
    await studio.sell("mia")
    refused = await studio.book(one["id"], "mia")
    assert (refused.status_code, refused.json()["session_status"]) == (409, "pending")
    assert (await make(studio, room_id=room)).json()["type"] == "/problems/room-taken"
    changed = await studio.ask(
        "PATCH", f"/class-sessions/{one['id']}", json={"capacity": 4}, headers={"If-Match": "*"}
    )
    assert changed.json()["type"] == "/problems/still-settling"
    await introduce(studio, comes, scheduling_rows)
    await introduce(studio, goes, scheduling_rows, archived=True)
    later(clock, seconds=10)
    await becomes(studio, one, "published")
    kept = await becomes(studio, untaught.json(), "draft")
    assert kept["refused"]["reason"]["type"] == "/problems/instructor-archived"
    held = await rows(Reservation, studio.id)
    assert {row.owner_id for row in held} == {UUID(one["id"])}


async def test_cancelled_while_it_is_asked_for_nothing_of_it_stays_held(
    studio: Studio, newcomer: Newcomer, clock: MovedClock, rows: Any, scheduling_rows: Any
) -> None:
    comes = await newcomer(studio)
    room, _ = await studio.room_with(1)
    one = (await make(studio, instructor_id=str(comes), room_id=room)).json()
    told = await studio.told("POST", f"/class-sessions/{one['id']}/cancel", json={})
    assert told["status"] == "cancelled"
    await introduce(studio, comes, scheduling_rows)
    later(clock, seconds=10)
    await studio.publish_class(EVENING, instructor_id=str(comes), room_id=room)
    claims = await scheduling_rows(Claim, studio.id)
    assert [claim.owner_id for claim in claims] != [UUID(one["id"])]
    assert len(claims) == 1


@contextmanager
def failing(settings: PilatesSettings, home: Path, point: str) -> Iterator[None]:
    handles = {"home": home, "failpoint": f"pilates.{point}"}
    failpoints.arm(settings.model_copy(update=handles))
    yield
    failpoints.arm(settings)


def dying(settings: PilatesSettings, home: Path, where: str) -> AbstractContextManager[None]:
    """Whoever comes there first gets no further."""
    return failing(settings, home, f"{where}:raise:1")


@pytest.mark.parametrize("where", ["before-session-hold", "after-session-hold"])
async def test_whoever_dies_between_the_steps_has_lost_nothing(
    studio: Studio,
    settings: PilatesSettings,
    clock: MovedClock,
    rows: Any,
    scheduling_rows: Any,
    tmp_path: Path,
    where: str,
) -> None:
    teacher = str(studio.staff[0])
    with dying(settings, tmp_path, where):
        one = await make(studio, instructor_id=teacher)
        assert one.status_code == 202, one.text
        later(clock, seconds=5)
        seen = await becomes(studio, one.json(), "published")
    headers = {"If-Match": f'"{seen["version"]}"'}
    with dying(settings, tmp_path / "again", where):
        moved = await studio.ask(
            "PATCH",
            f"/class-sessions/{seen['id']}",
            json={"starts_at": "2027-01-11T18:30"},
            headers=headers,
        )
        assert moved.status_code == 202, moved.text
        told = moved.json()
        assert (told["starts_at"], told["proposed"]["starts_at"]) == (
            "2027-01-11T17:00:00Z",
            "2027-01-11T17:30:00Z",
        )
        later(clock, seconds=11)

        async def has_moved() -> bool:
            [row] = await rows(ClassSession, studio.id)
            return row.starts_at.minute == 30 and row.settle_at is None

        await eventually(has_moved)

    async def one_claim() -> bool:
        claims = await scheduling_rows(Claim, studio.id)
        return [claim.starts_at.minute for claim in claims] == [30]

    await eventually(one_claim)


async def test_what_was_cancelled_while_the_answer_was_on_its_way_stays_cancelled(
    studio: Studio, settings: PilatesSettings, rows: Any, scheduling_rows: Any, tmp_path: Path
) -> None:
    with failing(settings, tmp_path, "after-session-hold:sleep=2:1"):
        asking = asyncio.create_task(make(studio, instructor_id=str(studio.staff[0])))

        async def is_pending() -> list[ClassSession]:
            return list(await rows(ClassSession, studio.id))

        [row] = await eventually(is_pending)
        await studio.told("POST", f"/class-sessions/{row.id}/cancel", json={})
        await asking

        async def all_is_settled() -> bool:
            return not settlement._underway

        await eventually(all_is_settled)
    [row] = await rows(ClassSession, studio.id)
    assert (row.status, row.hold_version) == ("cancelled", 0)

    async def instructor_is_free() -> bool:
        return not await scheduling_rows(Claim, studio.id)

    await eventually(instructor_is_free)


async def test_a_series_is_settled_as_a_whole_by_whoever_comes_first(
    studio: Studio, settings: PilatesSettings, clock: MovedClock, rows: Any, tmp_path: Path
) -> None:
    teacher = str(studio.staff[0])
    template = await studio.template(instructor_id=teacher)
    wanted = {"template_id": template, "starts_at": EVENING, "rule": "FREQ=DAILY;COUNT=3"}
    with dying(settings, tmp_path, "after-session-hold"):
        made = await studio.ask("POST", "/class-series", json=wanted)
        assert made.status_code == 202, made.text
        later(clock, seconds=5)

        async def all_are_published() -> bool:
            found = await rows(ClassSession, studio.id)
            return {row.status for row in found} == {"published"}

        await eventually(all_are_published)
    assert len(await rows(ClassSeries, studio.id)) == 1
