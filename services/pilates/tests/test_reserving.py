"""Nothing is used by two at once, and what there is, is enough wherever it can be."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from chassis.database import create_engine, sessions_of
from chassis.problems import NotFound
from pilates.resources.models import ReservedFor
from pilates.resources.problems import MachinesShort, PropsShort, RoomTaken
from pilates.resources.reserving import keep_only, release
from pilates.settings import PilatesSettings
from services.pilates.tests.things import NOW, Things, at


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
    assert refused.value.members == {
        "kind": "reformer",
        "needed": 5,
        "available": 4,
        "short_by": 1,
    }
    assert len(await things.need("18:30", "19:20", 4)) == 4
    assert len(await things.need("18:50", "19:20", 6)) == 6


async def test_what_nobody_chose_moves_to_make_room(things: Things) -> None:
    """Each instant has one free, though on another machine each time."""
    one, two = await things.reformers(2)
    early, late = uuid4(), uuid4()
    assert await things.need("08:00", "09:00", 1, owner_id=early) == [one]
    assert await things.need("08:30", "10:00", 1, owner_id=late) == [two]
    assert await things.need("09:30", "10:30", 1) == [one]
    whole = uuid4()
    assert await things.need("10:00", "12:00", 1, owner_id=whole) == [two]
    # 09:00 to 09:30 on one, and nothing else.
    assert await things.need("09:00", "09:30", 1) == [one]
    with pytest.raises(MachinesShort):
        await things.need("08:45", "09:15", 1)


async def test_a_class_in_a_room_has_all_its_machines_also_those_out_of_service(
    things: Things,
) -> None:
    room = await things.add("room")
    standing = await things.reformers(4, room_id=room)
    await things.out(standing[0], "08:00", "12:00")
    owner = uuid4()
    reserved = await things.need("09:00", "10:00", 12, owner_id=owner, room_id=room)
    assert set(reserved) == {room, *standing}
