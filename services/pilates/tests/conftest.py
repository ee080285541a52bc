from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import scheduling.worker
from chassis.database import create_engine, enter_business, in_transaction, sessions_of
from chassis.testing import eventually, served
from pilates import main, worker
from pilates.copies.models import Business as BusinessInPilates
from pilates.copies.models import StaffMember as StaffInPilates
from pilates.settings import PilatesSettings
from scheduling.copies.models import Business as BusinessInScheduling
from scheduling.copies.models import StaffMember as StaffInScheduling
from scheduling.settings import SchedulingSettings
from services.pilates.tests.studio import MovedClock, Studio, open_a_studio
from services.pilates.tests.till import Till, open_till
from stack import checkout_testing
from stack.checkout_testing import Sandbox
from stack.signer import Signer
from stack.testing import database_server, migrated, nats_url

Rows = Callable[[Any, UUID], Awaitable[list[Any]]]


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> MovedClock:
    clock = MovedClock(tmp_path_factory.mktemp("clock") / "now")
    clock.unset()
    return clock


@pytest.fixture
def clock(clock_file: MovedClock) -> Iterator[MovedClock]:
    yield clock_file
    clock_file.unset()


@pytest.fixture(scope="session")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with checkout_testing.sandbox(tmp_path_factory.mktemp("checkouts")) as found:
        yield found


@pytest.fixture(scope="session")
def settings(
    migrated: Callable[[str], str],
    nats_url: str,
    signer: Signer,
    clock_file: MovedClock,
    sandbox: Sandbox,
) -> PilatesSettings:
    return PilatesSettings(
        database_url=migrated("pilates"),
        nats_url=nats_url,
        public_keys=signer.public_keys,
        embedded=True,
        clock=clock_file.path,
        sandbox_url=sandbox.url,
        sandbox_secret=sandbox.secret,
    )


@pytest.fixture(scope="session")
def scheduling_settings(
    migrated: Callable[[str], str], nats_url: str, signer: Signer, clock_file: MovedClock
) -> SchedulingSettings:
    return SchedulingSettings(
        database_url=migrated("scheduling"),
        nats_url=nats_url,
        public_keys=signer.public_keys,
        embedded=True,
        clock=clock_file.path,
    )


@pytest.fixture(scope="session")
async def pilates(
    settings: PilatesSettings, scheduling_settings: SchedulingSettings
) -> AsyncIterator[httpx2.AsyncClient]:
    """With the real scheduling beside it, who is asked for instructors' time."""
    async with (
        served(main.create(settings)) as client,
        served(worker.create(settings)),
        served(scheduling.worker.create(scheduling_settings)),
    ):
        yield client


async def reader_of(url: str) -> AsyncIterator[Rows]:
    engine = create_engine(url, "tests", 2)

    async def seen(model: Any, business_id: UUID) -> list[Any]:
        async def read(session: AsyncSession) -> list[Any]:
            await enter_business(session, business_id)
            return list(await session.scalars(select(model)))

        return await in_transaction(sessions_of(engine), read)

    yield seen
    await engine.dispose()


@pytest.fixture(scope="session")
async def rows(settings: PilatesSettings) -> AsyncIterator[Rows]:
    """What the service itself sees of a table while it works for one business."""
    async for seen in reader_of(settings.database_url):
        yield seen


@pytest.fixture(scope="session")
async def scheduling_rows(scheduling_settings: SchedulingSettings) -> AsyncIterator[Rows]:
    async for seen in reader_of(scheduling_settings.database_url):
        yield seen


@pytest.fixture(scope="session")
def open_any_studio(
    pilates: httpx2.AsyncClient,
    nats_url: str,
    signer: Signer,
    rows: Rows,
    scheduling_rows: Rows,
) -> Callable[..., Awaitable[Studio]]:
    """Opens a studio once both have heard all of it, of which each copy comes by itself."""

    async def is_known(studio: Studio) -> bool:
        here = await rows(StaffInPilates, studio.id), await rows(BusinessInPilates, studio.id)
        there = (
            await scheduling_rows(StaffInScheduling, studio.id),
            await scheduling_rows(BusinessInScheduling, studio.id),
        )
        return all(
            business and {person.id for person in people} == set(studio.staff)
            for people, business in (here, there)
        )

    async def opened(**wanted: Any) -> Studio:
        return await open_a_studio(pilates, nats_url, signer, rows, is_known, **wanted)

    return opened


@pytest.fixture(scope="session")
async def untouched(open_any_studio: Callable[..., Awaitable[Studio]]) -> Studio:
    """One for all who are refused, and change nothing of it."""
    return await open_any_studio()


@pytest.fixture
def open_studio(open_any_studio: Callable[..., Awaitable[Studio]]) -> Any:
    return open_any_studio


@pytest.fixture
async def studio(open_studio: Callable[..., Awaitable[Studio]]) -> Studio:
    return await open_studio()


@pytest.fixture
async def till(studio: Studio, sandbox: Sandbox) -> Till:
    return await open_till(studio, sandbox)
