"""Appointments whose deposit was not paid in time are let go."""

from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction
from chassis.runtime import Runtime
from contracts.scheduling import AppointmentCancelled
from scheduling.appointments.announcing import announce
from scheduling.appointments.models import Status
from scheduling.claims import commands as claims
from scheduling.deposits.locking import Locked, lock
from scheduling.deposits.models import Deposit
from scheduling.deposits.settling import waive_deposit
from scheduling.due_rows import Key, whenever_due


async def release_unpaid(runtime: Runtime, key: Key) -> None:
    await in_transaction(runtime.sessions, partial(release_if_unpaid, runtime, key))


async def release_if_unpaid(runtime: Runtime, key: Key, session: AsyncSession) -> None:
    locked = await lock(session, key, wait=False)
    if locked is None:
        return
    now = runtime.clock()
    release_at = locked.deposit.release_at
    if release_at is not None and now >= release_at:
        await release(session, locked, now)


async def release(session: AsyncSession, locked: Locked, now: datetime) -> None:
    """The time itself has been free since its claim expired; now everybody hears of it."""
    appointment, deposit, business = locked
    deposit.forget(now)
    if appointment.status != Status.PENDING or appointment.deposit_status != "awaited":
        return
    await waive_deposit(session, appointment, now)
    appointment.cancel(now, None)
    await claims.release(session, business.id, appointment.id)
    await announce(
        session,
        appointment,
        business,
        AppointmentCancelled,
        now,
        cancelled_by="business",
        cause="deposit_not_paid",
        was_confirmed=False,
    )


release_what_is_unpaid = whenever_due(Deposit.release_at, release_unpaid)
