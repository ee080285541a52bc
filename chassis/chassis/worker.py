"""What every worker does beside its own loops: relay, consume, answer, tidy."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.consumers import Subscriptions, consume
from chassis.database import in_transaction
from chassis.idempotency import IdempotencyKey
from chassis.inbox import InboxEntry
from chassis.outbox import OutboxMessage, relay
from chassis.requests import Requests, answer
from chassis.runtime import Loop, Runtime, ensure_stream

KEPT: tuple[tuple[Any, timedelta], ...] = (
    (OutboxMessage.published_at, timedelta(days=14)),
    (InboxEntry.handled_at, timedelta(days=30)),
    (IdempotencyKey.created_at, timedelta(days=2)),
)
"""The inbox outlives the outbox, so that a replay of everything kept changes nothing."""

HOUR_SECONDS = 3600


def loops_of(
    subscriptions: Subscriptions, requests: Requests, own: Sequence[Loop] = ()
) -> list[Loop]:
    return [publish_events, *consume(subscriptions), *answer(requests), tidy, *own]


async def publish_events(runtime: Runtime) -> None:
    await ensure_stream(runtime, runtime.settings.service)
    await relay(runtime)


async def tidy(runtime: Runtime) -> None:
    """Forget what nobody will ask for again. Published outbox rows stay 14 days for a replay."""

    async def forget(session: AsyncSession) -> None:
        for column, kept in KEPT:
            await session.execute(delete(column.class_).where(column < runtime.clock() - kept))

    while True:
        await in_transaction(runtime.sessions, forget)
        await asyncio.sleep(HOUR_SECONDS)
