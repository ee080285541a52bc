"""Who came and who did not: recorded by the studio, or in the end by the sweep."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.preconditions import check_version
from chassis.runtime import Runtime
from contracts.pilates import AttendanceRecorded
from pilates.attendances.announcing import announce
from pilates.attendances.cancelling import named, payer_of
from pilates.attendances.commands import check_may_manage
from pilates.attendances.holding import HeldSession, hold_session
from pilates.attendances.keeping_current import finish
from pilates.attendances.models import Attendance, PaidWith, Status
from pilates.attendances.problems import PlaceNotHeld, TooEarlyToRecord
from pilates.copies.queries import known_business
from pilates.customer_packages.ledger import forfeit
from pilates.drop_ins.settling import do_without

DOORS_OPEN = timedelta(hours=1)
"""Before the start: who comes early is checked in as well."""
SWEEP = "sweep"
"""Who did it, for the ledger."""


async def record(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    attendance_id: UUID,
    status: Status,
    seen: int,
    now: datetime,
) -> Attendance:
    """`booked` takes back what was recorded by mistake."""
    business = await known_business(session, runtime, caller.business_id)
    payer_id = await payer_of(session, business, session_id, attendance_id)
    held = await hold_session(session, business, session_id, [payer_id])
    check_may_manage(caller, held.row)
    attendance = await named(session, held, attendance_id)
    check_version(attendance.version, seen)
    if attendance.is_unpaid(now):
        raise PlaceNotHeld(attendance_status=Status.CANCELLED)
    earliest = held.row.starts_at - (DOORS_OPEN if status == Status.ATTENDED else timedelta())
    if now < earliest and status != Status.BOOKED:
        raise TooEarlyToRecord(possible_at=earliest.isoformat())
    before = attendance.status
    if before == status:
        return attendance
    await write(session, held, attendance, status, caller.actor, now)
    audit.record(
        session,
        caller,
        "attendance.recorded",
        attendance_id,
        at=now,
        before={"status": before},
        after={"status": status},
    )
    finish(session, held, now)
    return attendance


async def write(
    session: AsyncSession,
    held: HeldSession,
    attendance: Attendance,
    status: Status,
    actor: str,
    now: datetime,
) -> None:
    """Who does not come has paid all the same; somebody permitted may waive that."""
    await do_without(session, held, attendance, now)
    attendance.record(status)
    if status == Status.BOOKED:
        attendance.look_at = None
    if status == Status.NO_SHOW and attendance.paid_with == PaidWith.CREDIT:
        assert attendance.debit_id is not None
        await forfeit(
            session, held.business, held.packages, attendance.debit_id, actor=actor, now=now
        )
    held.touched = True
    await session.flush()
    await announce(session, attendance, held.row, held.business, AttendanceRecorded, now)


async def sweep(runtime: Runtime, key: Key) -> None:
    await in_transaction(runtime.sessions, partial(sweep_session_of, runtime, key))


async def sweep_session_of(runtime: Runtime, key: Key, session: AsyncSession) -> None:
    """An hour after its end the whole session is closed.

    Where somebody was checked in, whoever was not did not come. Where nobody was, the studio does
    not check in, and all were there.
    """
    await enter_business(session, key[0])
    attendance = await session.get(Attendance, key)
    now = runtime.clock()
    if attendance is None or attendance.look_at is None or now < attendance.look_at:
        return
    business = await known_business(session, runtime, key[0])
    payers = await payers_in(session, attendance)
    held = await hold_session(session, business, attendance.session_id, payers)
    checks_in = any(one.status == Status.ATTENDED for one in held.attendances)
    status = Status.NO_SHOW if checks_in else Status.ATTENDED
    for one in held.attendances:
        if one.status == Status.BOOKED and one.look_at and now >= one.look_at and not one.pay_by:
            await write(session, held, one, status, SWEEP, now)
    finish(session, held, now)


async def payers_in(session: AsyncSession, attendance: Attendance) -> list[UUID | None]:
    found = await session.scalars(
        select(Attendance.payer_id).where(
            Attendance.business_id == attendance.business_id,
            Attendance.session_id == attendance.session_id,
        )
    )
    return list(found)


sweep_who_did_not_come = Due(Attendance.look_at, sweep)
