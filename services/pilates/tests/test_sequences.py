"""Whatever happens in whatever order: credits add up, rooms hold, queues are fair."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.auth import Principal
from chassis.runtime import Runtime, running
from pilates.settings import PilatesSettings
from services.pilates.tests.decisions import Sequence, Step
from services.pilates.tests.studio import Studio
from services.pilates.tests.worlds import Prototype, prototype

OpenStudio = Callable[..., Awaitable[Studio]]

WHAT = (
    "book", "book", "book", "cancel", "cancel", "move", "accept", "accept", "sweep", "adjust",
    "freeze", "machine", "wait", "wait", "crash_book", "crash_cancel", "crash_accept",
)  # fmt: skip
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(0, 11), st.integers(0, 7)),
    min_size=4,
    max_size=12,
)


@pytest.fixture(scope="session")
async def runtime(pilates: Any, settings: PilatesSettings) -> AsyncIterator[Runtime]:
    async with running(settings, []) as found:
        yield found


@pytest.fixture(scope="session")
def caller() -> Principal:
    ids = {name: uuid4() for name in ("account_id", "member_id", "sign_in_id", "business_id")}
    told = {"role": "owner", "permissions": frozenset(), "issued_at": 0, "expires_at": 4e9}
    return Principal.model_validate(ids | told)


@pytest.fixture(scope="session")
async def first(open_any_studio: OpenStudio, runtime: Runtime, caller: Principal) -> Prototype:
    studio = await open_any_studio()
    return await prototype(studio, runtime, caller.model_copy(update={"business_id": studio.id}))


@pytest.mark.timeout(3 * 3600)
@pytest.mark.parametrize("half", [1, 2])
@settings(settings.get_profile("sequences"))
@given(steps=STEPS)
async def test_whatever_happens_in_whatever_order(
    first: Prototype, half: int, steps: list[Step]
) -> None:
    """`--sequences` says how many, half of them here; `make sequences` runs ten thousand."""
    world = await first.another()
    await Sequence(first.runtime, first.caller, world).run(steps)
