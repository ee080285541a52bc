"""Hand the ids of messages that are due to the broker, again and again until they are sent.

Due is one rule for everything: new, put off after a refusal, or left behind by a crash while being
sent; and first of those that one reader is told of one thing. What was handed over is remembered
here only; forgetting it costs a second hand-over, which finds the message locked or sent.
"""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from celery import Celery
from opentelemetry import context, propagate
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction, set_local
from chassis.outbox import POLL_SECONDS, wait
from chassis.runtime import Loop, Runtime
from notifications.broker import CONCURRENCY, DELIVER, HANDS
from notifications.messages.line import ITS_TURN
from notifications.messages.throttle import Throttle

WINDOW = 500
"""Ids at the broker at once: a long queue waits here, where it can be seen and costs nothing."""
WINDOW_OF_BUSINESS = 50
"""So that the long queue of one business leaves room for others."""
TOGETHER = 10
"""Ids in one hand-over at most, when many wait: a broker keeps ten as quickly as one."""
HAND_AGAIN_SECONDS = 60
DISPATCHER_LOCK = 7_265_762
"""Advisory lock: one active dispatcher, however many workers run."""

READ_DUE = text(
    f"""
    WITH RECURSIVE busy AS (
        (SELECT business_id FROM messages WHERE state IN ('queued', 'sending')
         ORDER BY business_id LIMIT 1)
        UNION ALL
        SELECT (SELECT business_id FROM messages
                WHERE state IN ('queued', 'sending') AND business_id > busy.business_id
                ORDER BY business_id LIMIT 1)
        FROM busy WHERE busy.business_id IS NOT NULL
    )
    SELECT due.* FROM busy CROSS JOIN LATERAL (
        SELECT *, row_number() OVER () AS turn FROM (
            SELECT id, business_id, next_attempt_at, headers
            FROM messages
            WHERE business_id = busy.business_id AND state IN ('queued', 'sending')
              AND next_attempt_at <= now() AND {ITS_TURN}
            ORDER BY next_attempt_at LIMIT :of_business
        ) AS oldest
    ) AS due
    WHERE busy.business_id IS NOT NULL
    ORDER BY turn, next_attempt_at LIMIT :window
    """  # noqa: S608  Our own words.
)
"""A business a step, along an index: however long a queue, the same share of each is read."""


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


def dispatcher(broker: Celery, mails_per_minute: int) -> Loop:
    async def dispatch(runtime: Runtime) -> None:
        connection = await asyncpg.connect(runtime.settings.database_url, timeout=5)
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", DISPATCHER_LOCK):
                await asyncio.sleep(POLL_SECONDS)
            woken = asyncio.Event()
            connection.add_termination_listener(lambda _: woken.set())
            await connection.add_listener("messages", lambda *_: woken.set())
            handed, throttle = HandedOver(), Throttle(mails_per_minute)
            while not connection.is_closed():
                woken.clear()
                due = await in_transaction(runtime.sessions, read_due)
                if missing := handed.missing(due):
                    await asyncio.to_thread(hand_over, broker, missing, handed, throttle)
                await wait(woken, POLL_SECONDS)
        finally:
            connection.terminate()

    return dispatch


async def read_due(session: AsyncSession) -> Sequence[Row[Any]]:
    """Ids only, of every business: the one reader that row-level security lets see them all."""
    await set_local(session, "app.dispatching", "on")
    bounds = {"of_business": WINDOW_OF_BUSINESS, "window": WINDOW}
    return (await session.execute(READ_DUE, bounds)).all()


def hand_over(
    broker: Celery, due: Sequence[Row[Any]], handed: HandedOver, throttle: Throttle
) -> None:
    """Raises when the broker does not take an id; the rest stays due."""
    passing = [row for row in due if throttle.lets_pass(row.business_id, time.monotonic())]
    # One by one as long as somebody is free to take it.
    size = max(1, min(TOGETHER, len(passing) // (TOGETHER * CONCURRENCY)))
    shares = [passing[at : at + size] for at in range(0, len(passing), size)]
    with ThreadPoolExecutor(HANDS) as hands:
        for share in hands.map(partial(hand_share, broker), shares):
            for row in share:
                handed.note(row)


def hand_share(broker: Celery, share: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The trace of the first goes on in the broker, that of each in its mail."""
    token = context.attach(propagate.extract(share[0].headers))
    try:
        broker.send_task(DELIVER, args=[[(str(row.business_id), str(row.id)) for row in share]])
    finally:
        context.detach(token)
    return share
