"""Work that is due at an instant, in whichever business: looked for every half second."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from chassis.database import in_transaction, set_local
from chassis.runtime import Runtime

log = structlog.get_logger()

POLL_SECONDS = 0.5
BATCH = 100

Key = tuple[UUID, UUID]
"""Of a row: its business and its id."""
DueAt = InstrumentedAttribute[datetime | None]


class Due(NamedTuple):
    """One piece of work a row, and it must leave the column later or empty."""

    at: DueAt
    work: Callable[[Runtime, Key], Awaitable[None]]
    at_once: int = 1


async def do_what_is_due(kinds: Sequence[Due], runtime: Runtime) -> None:
    """One look for all kinds, of which none waits for another.

    What fails is due again at a later look and keeps nobody else waiting.
    """
    busy = set[int]()

    async def do_all(number: int, keys: list[Key]) -> None:
        turns = asyncio.Semaphore(kinds[number].at_once)
        await asyncio.gather(*(do(kinds[number], key, turns, runtime) for key in keys))
        busy.discard(number)

    async with asyncio.TaskGroup() as underway:
        while True:
            idle = {number: kind for number, kind in enumerate(kinds) if number not in busy}
            find = partial(find_due, idle, runtime.clock())
            found = await in_transaction(runtime.sessions, find) if idle else {}
            busy |= found.keys()
            for number, keys in found.items():
                underway.create_task(do_all(number, keys))
            await asyncio.sleep(POLL_SECONDS)


async def do(kind: Due, key: Key, turns: asyncio.Semaphore, runtime: Runtime) -> None:
    async with turns:
        try:
            await kind.work(runtime, key)
        except Exception as error:
            log.warning("Due, and failed", work=kind.work.__name__, id=key[1], exc_info=error)


async def find_due(
    kinds: dict[int, Due], now: datetime, session: AsyncSession
) -> dict[int, list[Key]]:
    """The oldest of each kind, of every business: here the wall between them lets ids be read."""
    await set_local(session, "app.every_business", "yes")
    looks = (
        select(literal(number), at.class_.business_id, at.class_.id)
        .where(at <= now)
        .order_by(at)
        .limit(BATCH)
        for number, (at, *_) in kinds.items()
    )
    found: dict[int, list[Key]] = {}
    for number, business_id, id_ in await session.execute(union_all(*looks)):
        found.setdefault(number, []).append((business_id, id_))
    return found
