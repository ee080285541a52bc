"""What was not paid in time is let go."""

from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction
from chassis.due_rows import Due, Key
from chassis.runtime import Runtime
from payments.till import Locked, Till


def release_what_is_unpaid(till: Till) -> Due:
    async def release_unpaid(runtime: Runtime, key: Key) -> None:
        await in_transaction(runtime.sessions, partial(release_if_unpaid, till, runtime, key))

    return Due(till.demand.release_at, release_unpaid)


async def release_if_unpaid(till: Till, runtime: Runtime, key: Key, session: AsyncSession) -> None:
    locked = await till.lock(session, key, wait=False)
    now = runtime.clock()
    if locked is not None and locked.demand.is_late(now):
        await release(session, locked, now)


async def release(session: AsyncSession, locked: Locked, now: datetime) -> None:
    locked.demand.forget(now)
    await locked.let_go(session, now)
