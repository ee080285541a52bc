"""Work that is due at an instant, in whichever business: looked for every half second."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from chassis.database import in_transaction, set_local
from chassis.runtime import Loop, Runtime

log = structlog.get_logger()

POLL_SECONDS = 0.5
BATCH = 100

Key = tuple[UUID, UUID]
"""Of a row: its business and its id."""
DueAt = InstrumentedAttribute[datetime | None]


def whenever_due(column: DueAt, work: Callable[[Runtime, Key], Awaitable[None]]) -> Loop:
    """One piece of work a row, and it must leave the column later or empty.

    What fails is due again a poll later and keeps nobody else waiting.
    """

    async def go_on(runtime: Runtime) -> None:
        while True:
            find = partial(find_due, column, runtime.clock())
            for key in await in_transaction(runtime.sessions, find):
                try:
                    await work(runtime, key)
                except Exception as error:
                    log.warning("Due, and failed", work=work.__name__, id=key[1], exc_info=error)
            await asyncio.sleep(POLL_SECONDS)

    go_on.__name__ = work.__name__
    return go_on


async def find_due(column: DueAt, now: datetime, session: AsyncSession) -> list[Key]:
    """The oldest, of every business: here the wall between them lets ids be read."""
    await set_local(session, "app.every_business", "yes")
    row = column.class_
    oldest = select(row.business_id, row.id).where(column <= now).order_by(column).limit(BATCH)
    return [(business_id, id_) for business_id, id_ in await session.execute(oldest)]
