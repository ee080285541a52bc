"""Offers that nobody accepted, and queues of sessions that have begun."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.runtime import Runtime
from pilates.attendances.holding import hold_session
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.copies.queries import known_business
from pilates.waitlist.models import Status, WaitlistEntry


async def look_again(runtime: Runtime, key: Key) -> None:
    await in_transaction(runtime.sessions, partial(bring_queue_up_to_date, runtime, key))


async def bring_queue_up_to_date(runtime: Runtime, key: Key, session: AsyncSession) -> None:
    await enter_business(session, key[0])
    entry = await session.get(WaitlistEntry, key)
    if entry is None or entry.look_at is None:
        return
    business = await known_business(session, runtime, key[0])
    held = await hold_session(session, business, entry.session_id, frees_a_place=True)
    now = runtime.clock()
    await bring_up_to_date(session, held, now)
    for one in held.queue:
        if one.status == Status.WAITING:
            one.look_at = held.row.starts_at
    finish(session, held, now)


keep_queues_current = Due(WaitlistEntry.look_at, look_again)
