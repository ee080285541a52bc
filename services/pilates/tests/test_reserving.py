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
