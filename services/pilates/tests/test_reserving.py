"""Nothing is used by two at once, and what there is, is enough wherever it can be."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import create_engine, sessions_of
from chassis.problems import NotFound, Problem, TryAgain
from pilates.resources.models import ReservedFor
from pilates.resources.problems import MachinesShort, PropsShort, ResourceTaken, RoomTaken
from pilates.resources.reserving import keep_only, release
from pilates.resources.sessions_concerned import lock_sessions, lock_with_sessions
from pilates.settings import PilatesSettings
from services.pilates.tests.things import Things, at
from stack.postgres import Postgres

APPOINTMENT = {"reserved_for": ReservedFor.APPOINTMENT}


@pytest.fixture
async def things(settings: PilatesSettings) -> AsyncIterator[Things]:
    engine = create_engine(settings.database_url, "tests", 8)
    yield Things(sessions_of(engine))
    await engine.dispose()


async def test_sessions_that_overlap_share_the_pool(things: Things) -> None:
    await things.reformers(10)
    assert len(await things.need("18:00", "18:50", 6)) == 6
    with pytest.raises(MachinesShort) as refused:
        await things.need("18:30", "19:20", 5)
    why = {"kind": "reformer", "needed": 5, "available": 4, "short_by": 1}
    assert refused.value.members == why
    assert len(await things.need("18:30", "19:20", 4)) == 4
    assert len(await things.need("18:50", "19:20", 6)) == 6
    with pytest.raises(MachinesShort):
        await things.need("19:19", "19:30", 1)


async def test_what_nobody_chose_moves_to_make_room(things: Things) -> None:
    """At each instant one of two is free, but first it is the one, then the other."""
    one, two = await things.reformers(2)
    early, late = uuid4(), uuid4()
    await apart(things, early, late)
    assert await things.reserved_by(late) == {two}
    [whole] = await things.need("09:00", "11:00", 1)
    assert await things.reserved_by(early) == await things.reserved_by(late) == {one, two} - {whole}
    with pytest.raises(MachinesShort) as refused:
        await things.need("10:59", "11:30", 2)
    assert refused.value.members["short_by"] == 2
    assert len(await things.need("11:00", "11:30", 2)) == 2


async def test_what_has_begun_stays_where_it_is(things: Things) -> None:
    one, two = await things.reformers(2)
    early, late = uuid4(), uuid4()
    await apart(things, early, late)
    with pytest.raises(MachinesShort) as refused:
        await things.need("09:30", "11:00", 1, now=at("10:00"))
    assert refused.value.members["short_by"] == 1
    assert await things.need("09:30", "11:00", 1, now=at("09:15")) == [two]
    assert await things.reserved_by(early) == {one}


async def test_what_is_being_changed_stays_where_it_is(things: Things) -> None:
    """Its two versions share a machine, which others' could not."""
    one, two = await things.reformers(2)
    changing, moves, passing = uuid4(), uuid4(), uuid4()
    await things.need("09:00", "10:00", 1, owner_id=changing)
    assert await things.need("09:30", "10:30", 1, owner_id=changing, hold_version=2) == [one]
    await things.need("08:00", "08:30", 1, owner_id=passing)
    assert await things.need("08:00", "09:00", 1, owner_id=moves) == [two]
    await things.within(lambda session: release(session, things.business_id, passing))
    assert await things.need("08:00", "10:30", 1) == [two]
    assert await things.reserved_by(changing) == await things.reserved_by(moves) == {one}


async def test_what_is_out_of_service_all_the_same_takes_no_machine_from_others(
    things: Things,
) -> None:
    one, two = await things.reformers(2)
    early, late = uuid4(), uuid4()
    await apart(things, early, late)
    await things.out(two, "10:45", "11:30")
    with pytest.raises(MachinesShort):
        await things.need("09:30", "10:30", 1, now=at("09:15"))
    assert await things.reserved_by(late) == {two}
    assert await things.need("10:00", "10:30", 1) == [one]


async def apart(things: Things, early: UUID, late: UUID) -> None:
    """From 9 to 10 on the first machine, from 10 to 11 on the second."""
    passing = uuid4()
    await things.need("09:00", "10:00", 1, owner_id=early)
    await things.need("10:00", "10:30", 1, owner_id=passing)
    await things.need("10:00", "11:00", 1, owner_id=late)
    await things.within(lambda session: release(session, things.business_id, passing))


async def test_the_pool_is_taken_where_machines_stand_in_no_room(things: Things) -> None:
    room, other = await things.add("room"), await things.add("room")
    await things.reformers(1, room_id=other)
    [loose] = await things.reformers(1)
    assert await things.need("08:00", "09:00", 1) == [loose]
    assert set(await things.need("09:00", "10:00", 1, room_id=room)) == {room, loose}


async def test_a_class_has_all_machines_of_its_room_also_those_out_of_service(
    things: Things,
) -> None:
    room = await things.add("room")
    standing = await things.reformers(4, room_id=room)
    await things.reformers(3)
    await things.out(standing[0], "08:00", "12:00")
    reserved = await things.need("09:00", "10:00", 12, room_id=room)
    assert set(reserved) == {room, *standing}


async def test_who_has_a_machine_of_the_room_from_the_pool_makes_room_for_its_class(
    things: Things,
) -> None:
    room, appointment = await things.add("room"), uuid4()
    standing = await things.reformers(2, room_id=room)
    await things.need("09:30", "10:30", 1, owner_id=appointment, **APPOINTMENT)
    assert await things.reserved_by(appointment) <= set(standing)
    with pytest.raises(MachinesShort) as refused:
        await things.need("09:00", "10:00", 2, room_id=room)
    assert refused.value.members["short_by"] == 1
    # Who needs fewer than stand there leaves one to whom it cannot move away.
    small = await things.need("09:00", "10:00", 1, room_id=room)
    assert len(set(small) & set(standing)) == 1
    [loose] = await things.reformers(1)
    assert len(await things.need("10:00", "11:00", 2, room_id=room)) == 3
    assert await things.reserved_by(appointment) == {loose}


async def test_the_pool_is_what_is_in_service_during_all_of_it(things: Things) -> None:
    one, two = await things.reformers(2)
    await things.out(one, "09:30", None)
    await things.out(two, "12:00", "13:00")
    assert await things.need("09:00", "10:00", 1) == [two]
    with pytest.raises(MachinesShort):
        await things.need("09:00", "10:00", 1)
    assert await things.need("08:00", "09:30", 1) == [one]
    with pytest.raises(MachinesShort) as refused:
        await things.need("12:30", "14:00", 1)
    assert refused.value.members["available"] == 0
    assert await things.need("13:00", "14:00", 1) == [two]


async def test_a_room_is_kept_free_for_its_turnover(things: Things) -> None:
    room = await things.add("room", turnover_minutes=15)
    first = uuid4()
    await things.need("09:00", "10:00", owner_id=first, room_id=room)
    with pytest.raises(RoomTaken) as refused:
        await things.need("10:14", "11:00", room_id=room)
    assert refused.value.members["taken_by"] == [
        {
            "reserved_for": "session",
            "owner_id": str(first),
            "name": None,
            "starts_at": "2026-03-04T09:00:00+00:00",
            "ends_at": "2026-03-04T10:15:00+00:00",
        }
    ]
    with pytest.raises(RoomTaken):
        await things.need("08:00", "08:46", room_id=room)
    await things.need("10:15", "11:00", room_id=room)
    await things.need("08:00", "08:45", room_id=room)


async def test_a_room_that_is_out_of_service_is_not_free(things: Things) -> None:
    room = await things.add("room")
    await things.out(room, "09:00", None)
    with pytest.raises(RoomTaken) as refused:
        await things.need("08:30", "09:30", room_id=room)
    [why] = refused.value.members["taken_by"]
    assert (why["reserved_for"], why["ends_at"]) == ("outage", None)
    assert await things.need("08:30", "09:00", room_id=room) == [room]


async def test_props_are_counted_at_the_worst_instant(things: Things) -> None:
    rings = await things.add("prop", "ring", quantity=10)
    await things.need("09:00", "10:00", props=((rings, 6),))
    await things.need("10:00", "11:00", props=((rings, 3),))
    with pytest.raises(PropsShort) as refused:
        await things.need("09:30", "10:30", props=((rings, 5),))
    known = {"resource_id": str(rings), "name": "ring"}
    assert refused.value.members == known | {"needed": 5, "available": 4, "short_by": 1}
    await things.need("09:30", "10:30", props=((rings, 2), (rings, 2)))
    await things.out(rings, "12:00", "13:00", quantity=8)
    with pytest.raises(PropsShort):
        await things.need("12:30", "13:30", props=((rings, 3),))
    await things.need("12:30", "13:30", props=((rings, 2),))


async def test_the_new_version_of_a_hold_may_overlap_the_old_one(things: Things) -> None:
    """Only its own: others see both until the pivot."""
    room = await things.add("room", turnover_minutes=15)
    rings = await things.add("prop", "ring", quantity=5)
    await things.reformers(10)
    mine: dict[str, Any] = {"owner_id": uuid4(), "room_id": room, "props": ((rings, 5),)}
    had = await things.need("18:00", "18:50", 6, **mine)
    gets = await things.need("18:30", "19:20", 7, **mine, hold_version=2)
    assert set(had) < set(gets)
    with pytest.raises(RoomTaken):
        await things.need("18:00", "18:20", room_id=room)
    with pytest.raises(MachinesShort) as refused:
        await things.need("18:00", "18:40", 4)
    assert refused.value.members["available"] == 3
    await things.within(lambda session: keep_only(session, things.business_id, mine["owner_id"], 2))
    assert await things.reserved_by(mine["owner_id"]) == set(gets)
    assert len(await things.need("17:00", "18:15", 10, room_id=room, props=((rings, 5),))) == 12


async def test_what_is_released_is_free(things: Things) -> None:
    room, owner = await things.add("room"), uuid4()
    await things.need("09:00", "10:00", owner_id=owner, room_id=room)
    await things.need("11:00", "12:00", owner_id=owner, room_id=room, hold_version=2)

    async def let_go(session: AsyncSession) -> None:
        await release(session, things.business_id, owner, hold_version=2)

    await things.within(let_go)
    await things.need("11:00", "12:00", room_id=room)
    with pytest.raises(RoomTaken):
        await things.need("09:00", "10:00", room_id=room)
    await things.within(lambda session: release(session, things.business_id, owner))
    await things.need("09:00", "10:00", room_id=room)


async def test_a_hold_that_is_asked_for_twice_under_one_version_is_refused(things: Things) -> None:
    room, owner = await things.add("room"), uuid4()
    await things.need("09:00", "10:00", owner_id=owner, room_id=room)
    with pytest.raises(ResourceTaken):
        await things.need("09:00", "10:00", owner_id=owner, room_id=room)


async def test_only_own_present_things_of_the_right_sort_can_be_reserved(things: Things) -> None:
    room, rings = await things.add("room"), await things.add("prop", "ring")
    gone = await things.add("room", archived_at=at("08:00"))
    elsewhere = await Things(things.sessions).add("room")
    for wrong in (gone, elsewhere, rings, uuid4()):
        with pytest.raises(NotFound):
            await things.need("09:00", "10:00", room_id=wrong)
    for wrong in (room, elsewhere, uuid4()):
        with pytest.raises(NotFound):
            await things.need("09:00", "10:00", props=((wrong, 1),))
    with pytest.raises(MachinesShort) as refused:
        await things.need("09:00", "10:00", machines=1)
    assert refused.value.members["available"] == 0


async def test_of_two_that_want_the_last_machines_at_once_one_gets_them(things: Things) -> None:
    await things.reformers(6)
    for hour in range(8, 18):
        wanted = (things.need(f"{hour}:00", f"{hour}:50", 4) for _ in range(4))
        outcomes = await asyncio.gather(*wanted, return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
        assert [type(outcome) for outcome in refused] == [MachinesShort] * 3
        assert {problem.members["short_by"] for problem in refused} == {2}


async def test_at_once_as_many_get_one_as_there_are(things: Things) -> None:
    """Without the locks two would choose the same one, and one be refused for nothing."""
    await things.reformers(5)
    for hour in range(8, 14):
        wanted = (things.need(f"{hour}:00", f"{hour}:50", 1) for _ in range(7))
        outcomes = await asyncio.gather(*wanted, return_exceptions=True)
        got = [outcome for outcome in outcomes if isinstance(outcome, list)]
        assert len({machine for [machine] in got}) == len(got) == 5


async def test_who_lets_go_while_it_is_moved_is_gone(things: Things) -> None:
    """Others move it under the locks of machines, but its owner lets go without them."""
    await things.reformers(2)
    for _ in range(10):
        early, late, whole = uuid4(), uuid4(), uuid4()
        await apart(things, early, late)
        reserved, _ = await asyncio.gather(
            things.need("09:00", "11:00", 1, owner_id=whole),
            things.within(lambda session, id_=late: release(session, things.business_id, id_)),
        )
        assert len(reserved) == 1
        assert await things.reserved_by(late) == set()
        for owner in (early, whole):
            await things.within(
                lambda session, id_=owner: release(session, things.business_id, id_)
            )


async def test_a_session_that_comes_in_between_is_locked_or_waited_for_elsewhere(
    things: Things,
) -> None:
    """To wait for it under the locks of resources would be against the order of locks."""
    made = await things.class_session()
    looks: list[set[UUID]] = []

    async def find() -> set[UUID]:
        looks.append({made} if looks else set())
        return looks[-1]

    async def locking(session: AsyncSession) -> set[UUID]:
        looks.clear()
        locked = await lock_with_sessions(session, things.business_id, find, set())
        return set(locked)

    async def while_somebody_has_it(session: AsyncSession) -> None:
        await lock_sessions(session, things.business_id, {made})
        with pytest.raises(TryAgain):
            await things.within(locking)

    assert await things.within(locking) == {made}
    await things.within(while_somebody_has_it)


OVERLAPS = """
    SELECT count(*) FROM reservations a JOIN reservations b
    ON a.business_id = b.business_id AND a.resource_id = b.resource_id AND a.id < b.id
        AND a.during && b.during AND a.owner_id <> b.owner_id
    WHERE a.business_id = %s
"""


async def test_many_at_once_never_overlap(things: Things, database_server: Postgres) -> None:
    room = await things.add("room")
    await things.reformers(3, room_id=room)
    await things.reformers(4)

    async def one(number: int) -> list[UUID] | Problem:
        begins = 8 * 60 + number * 37 % 480
        ends = begins + 40 + number % 3 * 20
        time = [f"{minute // 60:02}:{minute % 60:02}" for minute in (begins, ends)]
        where = {"room_id": room} if number % 7 == 0 else {}
        try:
            return await things.need(*time, 1 + number % 3, **where)
        except Problem as problem:
            return problem

    outcomes = [
        outcome
        for first in range(0, 96, 24)
        for outcome in await asyncio.gather(*(one(first + more) for more in range(24)))
    ]
    refusals = {type(outcome) for outcome in outcomes if isinstance(outcome, Problem)}
    assert refusals <= {MachinesShort, RoomTaken}
    with psycopg.connect(database_server.url("pilates")) as connection:
        assert connection.execute(OVERLAPS, [things.business_id]).fetchone() == (0,)


async def test_the_constraint_stands_behind_the_locks(
    things: Things, database_server: Postgres
) -> None:
    room = await things.add("room")
    await things.need("09:00", "10:00", room_id=room)
    copy = """
        INSERT INTO reservations SELECT (jsonb_populate_record(r, jsonb_build_object(
            'id', gen_random_uuid(), 'owner_id', gen_random_uuid()))).*
        FROM reservations r WHERE business_id = %s
    """
    with (
        psycopg.connect(database_server.url("pilates")) as connection,
        pytest.raises(psycopg.errors.ExclusionViolation, match="one_use_at_a_time"),
    ):
        connection.execute(copy, [things.business_id])
