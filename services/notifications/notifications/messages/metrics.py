"""How many messages there are of each state, and how long the oldest that is due has waited."""

import asyncio

from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction, set_local
from chassis.runtime import Runtime

LOOKED_EVERY_SECONDS = 5
STATES = ("queued", "sending", "sent", "failed")

counted = Gauge(
    "bookly_messages", "Messages that were queued in the last hour, or are underway", ["state"]
)
lag = Gauge("bookly_messages_lag_seconds", "How long the oldest message that is due has waited")

COUNT = text(
    """
    SELECT state, count(*) FROM messages
    WHERE queued_at > now() - interval '1 hour' OR state IN ('queued', 'sending')
    GROUP BY state
    """
)
LAG = text(
    """
    SELECT coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0) FROM messages
    WHERE state IN ('queued', 'sending') AND next_attempt_at <= now()
    """
)


async def measure(runtime: Runtime) -> None:
    """Every worker shows the same: they read the table."""

    async def look(session: AsyncSession) -> tuple[dict[str, int], float]:
        await set_local(session, "app.counting", "on")
        found = {state: count for state, count in await session.execute(COUNT)}
        return found, float(await session.scalar(LAG) or 0)

    while True:
        found, seconds = await in_transaction(runtime.sessions, look)
        for state in STATES:
            counted.labels(state).set(found.get(state, 0))
        lag.set(seconds)
        await asyncio.sleep(LOOKED_EVERY_SECONDS)
