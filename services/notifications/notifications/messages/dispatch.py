"""Hand the ids of messages that are due to the broker, again and again until they are sent.

Due is one rule for everything: new, put off after a refusal, or left behind by a crash while being
sent. What was handed over is remembered here only; forgetting it costs a second hand-over, which
finds the message locked or sent.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from celery import Celery
from opentelemetry import context, propagate
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction, set_local
from chassis.outbox import POLL_SECONDS, wait
from chassis.runtime import Loop, Runtime
from notifications.broker import DELIVER
from notifications.messages.models import UNDERWAY, Message

WINDOW = 500
"""Ids at the broker at once: a long queue waits here, where it can be seen and costs nothing."""
HAND_AGAIN_SECONDS = 60
DISPATCHER_LOCK = 7_265_762
"""Advisory lock: one active dispatcher, however many workers run."""


class HandedOver:
    """Which messages the broker has been given, for which due time and when."""

    def __init__(self) -> None:
        self._at: dict[UUID, tuple[datetime, float]] = {}

    def note(self, row: Row[Any]) -> None:
        self._at[row.id] = (row.next_attempt_at, time.monotonic())

    def missing(self, due: Sequence[Row[Any]]) -> list[Row[Any]]:
        """Those to hand over now; forgets the ones that are no longer due."""
        self._at = {row.id: self._at[row.id] for row in due if row.id in self._at}
        return [row for row in due if not self._lately(row)]

    def _lately(self, row: Row[Any]) -> bool:
        due_at, at = self._at.get(row.id, (None, 0.0))
        return due_at == row.next_attempt_at and time.monotonic() - at < HAND_AGAIN_SECONDS


def dispatcher(broker: Celery) -> Loop:
    async def dispatch(runtime: Runtime) -> None:
        connection = await asyncpg.connect(runtime.settings.database_url, timeout=5)
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", DISPATCHER_LOCK):
                await asyncio.sleep(POLL_SECONDS)
            woken = asyncio.Event()
            connection.add_termination_listener(lambda _: woken.set())
            await connection.add_listener("messages", lambda *_: woken.set())
            handed = HandedOver()
            while not connection.is_closed():
                woken.clear()
                due = await in_transaction(runtime.sessions, read_due)
                if missing := handed.missing(due):
                    await asyncio.to_thread(hand_over, broker, missing, handed)
                await wait(woken, POLL_SECONDS)
        finally:
            connection.terminate()

    return dispatch


async def read_due(session: AsyncSession) -> Sequence[Row[Any]]:
    """Ids only, of every business: the one reader that row-level security lets see them all."""
    await set_local(session, "app.dispatching", "on")
    statement = (
        select(Message.id, Message.business_id, Message.next_attempt_at, Message.headers)
        .where(Message.state.in_(UNDERWAY), Message.next_attempt_at <= func.now())
        .order_by(Message.next_attempt_at)
        .limit(WINDOW)
    )
    return (await session.execute(statement)).all()


def hand_over(broker: Celery, due: Sequence[Row[Any]], handed: HandedOver) -> None:
    """Raises when the broker does not take an id; the rest stays due."""
    for row in due:
        token = context.attach(propagate.extract(row.headers))
        try:
            broker.send_task(DELIVER, args=[str(row.business_id), str(row.id)])
        finally:
            context.detach(token)
        handed.note(row)
