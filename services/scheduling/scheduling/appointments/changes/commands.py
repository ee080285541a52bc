"""What becomes of an appointment: confirmed, cancelled, completed, missed, open again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.runtime import Runtime
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentReopened,
)
from scheduling.appointments.changes.hold_still import Held, hold, hold_with_time, tell
from scheduling.appointments.changes.schemas import Cancellation, Reopening
from scheduling.appointments.models import Appointment, Status
from scheduling.appointments.problems import NobodyOffersThis, NotYetBegun, SlotTaken
from scheduling.claims import commands as claims
from scheduling.claims.models import ClaimedFor
from scheduling.deposits.settling import settle_deposit, waive_deposit
from scheduling.things_needed.proposal import Proposal
from scheduling.things_needed.proposing import SETTLES_ITSELF_AFTER, propose


async def confirm(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    seen: int,
    now: datetime,
) -> Appointment:
    """Whoever confirms what waits for a deposit does without it, while its time is still free."""
    held = await hold_with_time(session, runtime, caller, appointment_id, seen)
    held.appointment.check_settled()
    await waive_deposit(session, held.appointment, now)
    held.appointment.confirm()
    if not await claims.keep(session, held.business.id, appointment_id):
        await take_time(session, held, now)
    return await tell(session, held, caller, "appointment.confirmed", AppointmentConfirmed, now)


async def cancel(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    wanted: Cancellation,
    seen: int,
    now: datetime,
) -> Appointment:
    """The studio cancels, whenever it must; the customer's window does not bind it."""
    held = await hold(session, runtime, caller, appointment_id, seen)
    return await cancel_held(session, held, caller, wanted, now)


async def cancel_held(
    session: AsyncSession, held: Held, caller: Principal, wanted: Cancellation, now: datetime
) -> Appointment:
    was_confirmed = held.appointment.status == Status.CONFIRMED
    await settle_deposit(session, held.appointment, "business", now)
    held.appointment.cancel(now, wanted.reason)
    await claims.release(session, held.business.id, held.appointment.id)
    return await tell(
        session,
        held,
        caller,
        "appointment.cancelled",
        AppointmentCancelled,
        now,
        notify_customer=wanted.notify_customer,
        cancelled_by="business",
        reason=wanted.reason,
        was_confirmed=was_confirmed,
    )


async def complete(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    seen: int,
    now: datetime,
) -> Appointment:
    """Its time stays taken: nothing else can have happened then."""
    held = await hold(session, runtime, caller, appointment_id, seen)
    held.appointment.check_settled()
    held.appointment.complete()
    check_begun(held.appointment, now)
    return await tell(session, held, caller, "appointment.completed", AppointmentCompleted, now)


async def miss(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    seen: int,
    now: datetime,
) -> Appointment:
    """The customer did not come, and the rest of the time may be given to somebody else."""
    held = await hold(session, runtime, caller, appointment_id, seen)
    held.appointment.check_settled()
    held.appointment.miss()
    check_begun(held.appointment, now)
    await claims.release(session, held.business.id, appointment_id)
    return await tell(session, held, caller, "appointment.missed", AppointmentMissed, now)


def check_begun(appointment: Appointment, now: datetime) -> None:
    if now < appointment.starts_at:
        raise NotYetBegun(starts_at=appointment.starts_at.isoformat())


async def reopen(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    wanted: Reopening,
    seen: int,
    now: datetime,
) -> Appointment:
    """What was closed by mistake is confirmed again, if its time is still there."""
    held = await hold_with_time(session, runtime, caller, appointment_id, seen)
    held.appointment.check_settled()
    kept_its_time = held.appointment.status == Status.COMPLETED
    if held.appointment.needs_things and not kept_its_time:
        held.appointment.check_closed()
        await take_time(session, held, now)
        proposal = Proposal(
            what="reopening",
            actor=caller.actor,
            action="appointment.reopened",
            notify=wanted.notify_customer,
        )
        propose(held.appointment, proposal, now + SETTLES_ITSELF_AFTER)
        return held.appointment
    held.appointment.reopen()
    if not kept_its_time:
        await take_time(session, held, now)
    return await tell(
        session,
        held,
        caller,
        "appointment.reopened",
        AppointmentReopened,
        now,
        notify_customer=wanted.notify_customer,
    )


async def take_time(session: AsyncSession, held: Held, now: datetime) -> None:
    """Only a person who is still there, and whose time nobody has taken since, gives it again."""
    appointment = held.appointment
    if appointment.staff_id not in held.people:
        raise NobodyOffersThis
    claimed = await claims.take(
        session,
        now,
        business_id=held.business.id,
        id=appointment.id,
        kind=ClaimedFor.APPOINTMENT,
        staff_id=appointment.staff_id,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        during=appointment.during,
    )
    if claimed is None:
        raise SlotTaken
