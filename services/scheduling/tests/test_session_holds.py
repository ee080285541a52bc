"""An instructor's time, held for a class session until pilates says which version stands."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import nats
from nats.aio.msg import Msg

from chassis.testing import eventually
from contracts import pilates
from contracts.pilates import ReadSessionHold
from contracts.scheduling import HoldSessionTimes, SessionTime
from services.scheduling.tests.moved_clock import TODAY

DAY = "2027-01-04"
EIGHT, HALF_PAST, NINE = f"{DAY}T08:00:00Z", f"{DAY}T08:30:00Z", f"{DAY}T09:00:00Z"
TEN = f"{DAY}T10:00:00Z"

OpenStudio = Callable[..., Awaitable[Any]]


def time(staff: UUID, begins: str, ends: str, session: UUID | None = None, version: int = 1) -> Any:
    return SessionTime(
        session_id=session or uuid4(),
        hold_version=version,
        staff_id=staff,
        starts_at=datetime.fromisoformat(begins),
        ends_at=datetime.fromisoformat(ends),
    )


async def asked(studio: Any, *times: SessionTime, **how: Any) -> dict[UUID, str]:
    """By session, why it is refused."""
    request = HoldSessionTimes(business_id=studio.id, sessions=list(times), at=TODAY, **how)
    connection = await nats.connect(studio.nats_url)
    try:
        body = request.model_dump_json().encode()
        answered = json.loads((await connection.request(request.subject, body, 20)).data)
    finally:
        await connection.close()
    assert answered["reply"] is not None, answered
    return {UUID(one["session_id"]): one["problem"]["type"] for one in answered["reply"]["refused"]}


def snapshot(one: SessionTime, version: int, status: str = "published") -> Any:
    return pilates.ClassSession(
        id=one.session_id,
        version=version,
        uid=f"{one.session_id}@bookly",
        sequence=0,
        status=status,  # type: ignore[arg-type]
        template_id=None,
        series_id=None,
        name="Flow",
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        capacity=8,
        instructor_id=one.staff_id,
        instructor_name="T0",
        room_id=None,
        room_name=None,
        credit_cost=1,
        price_cents=0,
        currency="EUR",
        late_cancel_window_minutes=720,
        hold_version=version,
        business_name="Core",
        time_zone="Europe/Berlin",
        locale="en",
    )


async def test_what_is_held_is_busy_and_the_working_hours_do_not_matter(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio()
    [staff] = studio.staff
    assert EIGHT in await studio.slots(DAY)
    assert await asked(studio, time(staff, EIGHT, NINE)) == {}
    await eventually(lambda: is_busy(studio, EIGHT))
    assert (await studio.book(EIGHT)).json()["type"] == "/problems/slot-taken"
    at_night = time(staff, f"{DAY}T02:00:00Z", f"{DAY}T03:00:00Z")
    assert await asked(studio, at_night) == {}


async def test_an_appointment_and_time_off_are_in_the_way(open_studio: OpenStudio) -> None:
    studio = await open_studio()
    [staff] = studio.staff
    assert (await studio.book(EIGHT)).status_code == 201
    busy, free = time(staff, HALF_PAST, TEN), time(staff, NINE, TEN)
    assert await asked(studio, busy) == {busy.session_id: "/problems/slot-taken"}
    off = {"starts_at": f"{DAY}T11:00:00+01:00", "ends_at": f"{DAY}T12:00:00+01:00"}
    added = await studio.client.post(
        "/api/time-off",
        json=off | {"staff_id": str(staff), "title": "Doctor"},
        headers=studio.owner,
    )
    assert added.status_code == 201, added.text
    away = time(staff, HALF_PAST.replace("08", "10"), f"{DAY}T11:30:00Z")
    assert await asked(studio, away) == {away.session_id: "/problems/on-time-off"}
    assert await asked(studio, free) == {}


async def test_of_many_who_want_one_instructor_at_once_one_wins(open_studio: OpenStudio) -> None:
    studio = await open_studio()
    [staff] = studio.staff
    times = [time(staff, EIGHT, NINE) for _ in range(8)]
    answers = await asyncio.gather(*(asked(studio, one) for one in times))
    assert Counter(len(answer) for answer in answers) == {0: 1, 1: 7}


async def test_asked_again_it_is_held_still_and_all_or_none_of_many(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio()
    [staff] = studio.staff
    one = time(staff, EIGHT, NINE)
    for _ in range(2):
        assert await asked(studio, one) == {}
    free, taken = time(staff, NINE, TEN), time(staff, HALF_PAST, NINE)
    for how in ({"all_or_none": True}, {"dry_run": True}):
        refused = await asked(studio, free, taken, **how)
        assert refused == {taken.session_id: "/problems/slot-taken"}
        assert NINE in await studio.slots(DAY)
    assert await asked(studio, free, taken) == {taken.session_id: "/problems/slot-taken"}
    await eventually(lambda: is_busy(studio, NINE))


async def test_what_moves_may_overlap_itself_and_its_old_time_is_free_after_the_pivot(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio(slot_step_minutes=30, duration_minutes=30)
    [staff] = studio.staff
    old = time(staff, EIGHT, NINE)
    assert await asked(studio, old) == {}
    await studio.tell(pilates.ClassSessionPublished, session=snapshot(old, 1))
    new = time(staff, HALF_PAST, f"{DAY}T09:30:00Z", old.session_id, 2)
    assert await asked(studio, new) == {}
    # Until it is told which stands, both are held.
    assert (await studio.book(EIGHT)).status_code == 409
    assert (await studio.book(NINE)).status_code == 409
    await studio.tell(pilates.ClassSessionChanged, session=snapshot(new, 2))
    await eventually(lambda: is_free(studio, EIGHT))
    assert (await studio.book(EIGHT)).status_code == 201
    assert (await studio.book(NINE)).status_code == 409
    assert await asked(studio, old) == {old.session_id: "/problems/hold-passed"}


async def is_free(studio: Any, starts_at: str) -> bool:
    return starts_at in await studio.slots(DAY)


async def is_busy(studio: Any, starts_at: str) -> bool:
    return not await is_free(studio, starts_at)


async def test_what_was_cancelled_is_free_and_a_late_hold_of_it_is_refused(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio()
    [staff] = studio.staff
    held, late = time(staff, EIGHT, NINE), time(staff, NINE, TEN)
    assert await asked(studio, held) == {}
    for one in (late, held):
        told = snapshot(one, 1, "cancelled")
        await studio.tell(pilates.ClassSessionCancelled, session=told)
    await eventually(lambda: is_free(studio, EIGHT))
    assert await asked(studio, late) == {late.session_id: "/problems/hold-passed"}
    again = time(staff, EIGHT, NINE, held.session_id, 2)
    assert await asked(studio, again) == {held.session_id: "/problems/hold-passed"}


@asynccontextmanager
async def answering(studio: Any, states: dict[UUID, Any]) -> AsyncIterator[Counter[UUID]]:
    """Pilates, as far as it is asked about holds; of what is not in `states` none stands."""
    connection = await nats.connect(studio.nats_url)
    asked_about = Counter[UUID]()

    async def answer(message: Msg) -> None:
        wanted = ReadSessionHold.model_validate_json(message.data)
        asked_about[wanted.session_id] += 1
        if state := states.get(wanted.session_id, (0, None)):
            standing, pending = state
            reply = {"hold_version": standing, "pending_version": pending}
            await message.respond(json.dumps({"reply": reply}).encode())

    await connection.subscribe(ReadSessionHold.subject, cb=answer)
    await connection.flush()
    yield asked_about
    await connection.close()


async def test_at_its_deadline_it_is_asked_about_before_it_is_dropped(
    open_studio: OpenStudio, clock: Any
) -> None:
    studio = await open_studio()
    [staff] = studio.staff
    standing, pending, over, unknown = (
        time(staff, f"{DAY}T{hour:02}:00:00Z", f"{DAY}T{hour + 1:02}:00:00Z")
        for hour in (8, 9, 10, 11)
    )
    assert await asked(studio, standing, pending, over, unknown) == {}
    states = {
        standing.session_id: (1, None),
        pending.session_id: (0, 1),
        over.session_id: (0, None),
        unknown.session_id: None,
    }
    async with answering(studio, states) as asked_about:
        clock.set((TODAY + timedelta(seconds=31)).isoformat())
        await eventually(lambda: is_free(studio, TEN))

        async def all_were_asked_about() -> bool:
            return set(states) <= set(asked_about) and asked_about[unknown.session_id] == 3

        await eventually(all_were_asked_about)
    free = await studio.slots(DAY)
    assert not {EIGHT, NINE, f"{DAY}T11:00:00Z"} & set(free)
    late = time(staff, TEN, f"{DAY}T11:00:00Z", over.session_id)
    assert await asked(studio, late) == {over.session_id: "/problems/hold-passed"}


async def test_a_hold_and_the_end_of_its_session_at_once_leave_nothing_held(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio(slot_step_minutes=15, duration_minutes=15)
    [staff] = studio.staff
    all_day = set(await studio.slots(DAY))
    times = [
        time(staff, f"{DAY}T{hour:02}:{minute:02}:00Z", f"{DAY}T{hour:02}:{minute + 10:02}:00Z")
        for hour in range(8, 16)
        for minute in (0, 15, 30, 45)
    ]
    ends = [
        studio.tell(pilates.ClassSessionCancelled, session=snapshot(one, 1, "cancelled"))
        for one in times
    ]
    await asyncio.gather(*ends, *(asked(studio, one) for one in times))

    async def all_is_free() -> bool:
        return set(await studio.slots(DAY)) == all_day

    await eventually(all_is_free)
