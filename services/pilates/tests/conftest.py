from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import create_engine, enter_business, in_transaction, sessions_of
from chassis.testing import Signer, served
from pilates import main, worker
from pilates.settings import PilatesSettings
from stack.testing import nats_url

Rows = Callable[[Any, UUID], Awaitable[list[Any]]]


@pytest.fixture(scope="session")
def settings(migrated: Callable[[str], str], nats_url: str, signer: Signer) -> PilatesSettings:
    return PilatesSettings(
        database_url=migrated("pilates"), nats_url=nats_url, public_keys=signer.public_keys
    )


@pytest.fixture(scope="session")
async def pilates(settings: PilatesSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(main.create(settings)) as client, served(worker.create(settings)):
        yield client


@pytest.fixture(scope="session")
async def rows(settings: PilatesSettings) -> AsyncIterator[Rows]:
    """What the service itself sees of a table while it works for one business."""
    engine = create_engine(settings.database_url, "tests", 2)

    async def seen(model: Any, business_id: UUID) -> list[Any]:
        async def read(session: AsyncSession) -> list[Any]:
            await enter_business(session, business_id)
            return list(await session.scalars(select(model)))

        return await in_transaction(sessions_of(engine), read)

    yield seen
    await engine.dispose()
