"""Places whose drop-in was not paid in time are let go."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Key, whenever_due
from chassis.runtime import Runtime
from pilates.attendances.holding import hold_session
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.attendances.models import Attendance
from pilates.copies.queries import known_business


async def let_go(runtime: Runtime, key: Key) -> None:
    await in_transaction(runtime.sessions, partial(let_go_if_unpaid, runtime, key))


async def let_go_if_unpaid(runtime: Runtime, key: Key, session: AsyncSession) -> None:
    """The place has been free since the deadline; now everybody hears of it."""
    await enter_business(session, key[0])
    attendance = await session.get(Attendance, key)
    if attendance is None or attendance.pay_by is None:
        return
    business = await known_business(session, runtime, key[0])
    held = await hold_session(session, business, attendance.session_id, frees_a_place=True)
    # The clock is read under the lock: it may have been paid while we waited for it.
    now = runtime.clock()
    await bring_up_to_date(session, held, now)
    await finish(session, held, now)


let_go_what_is_unpaid = whenever_due(Attendance.pay_by, let_go)
