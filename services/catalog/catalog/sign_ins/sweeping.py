"""What can sign nobody in any more, and wrong guesses that count no more, are forgotten."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import CursorResult, Delete, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.sign_ins.credentials import WINDOW
from catalog.sign_ins.models import FailedSignIn, SignIn
from chassis.database import in_transaction, set_local
from chassis.runtime import Runtime

BATCH = 1000
"""Rows a transaction, which so stays short however many there are."""
HOUR_SECONDS = 3600


async def sweep(runtime: Runtime) -> None:
    while True:
        for some in (some_sign_ins, some_failures):
            work = partial(forget, some, runtime.clock())
            while await in_transaction(runtime.sessions, work) == BATCH:
                pass
        await asyncio.sleep(HOUR_SECONDS)


async def forget(some: Callable[[datetime], Delete], now: datetime, session: AsyncSession) -> int:
    # Row-level security lets what had expired by then be seen, of every business.
    await set_local(session, "app.swept_until", now.isoformat())
    done = await session.execute(some(now))
    assert isinstance(done, CursorResult)
    return done.rowcount


def some_sign_ins(now: datetime) -> Delete:
    """The condition stands twice: one that is refreshed at this moment has its life back."""
    over = SignIn.expires_at <= now
    first = select(SignIn.business_id, SignIn.id).where(over).order_by(SignIn.expires_at)
    return delete(SignIn).where(tuple_(SignIn.business_id, SignIn.id).in_(first.limit(BATCH)), over)


def some_failures(now: datetime) -> Delete:
    over = select(FailedSignIn.position).where(FailedSignIn.at <= now - WINDOW)
    first = over.order_by(FailedSignIn.position).limit(BATCH)
    return delete(FailedSignIn).where(FailedSignIn.position.in_(first))
