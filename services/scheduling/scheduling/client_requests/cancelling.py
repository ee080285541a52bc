from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from clients.answered_once import once
from contracts.client_requests import AppointmentReply, CancelAppointmentAsCustomer
from contracts.scheduling import AppointmentCancelled
from scheduling.appointments.announcing import announce
from scheduling.appointments.models import Appointment, Status
from scheduling.claims import commands as claims
from scheduling.client_requests.own_appointment import (
    check_not_begun,
    check_own,
    free_until,
    held,
    reply_with,
)
from scheduling.deposits.settling import settle_deposit


@once(AppointmentReply)
async def cancel(
    session: AsyncSession, asked: CancelAppointmentAsCustomer, clock: Clock
) -> AppointmentReply:
    """Late, it is cancelled all the same, and what was paid for it is the studio's."""
    key = (asked.business_id, asked.appointment_id)
    found = await session.get(Appointment, key, with_for_update={"key_share": True})
    one = await held(session, check_own(found, asked), asked.version_seen)
    appointment, now = one.appointment, clock()
    check_not_begun(appointment, now)
    was_confirmed = appointment.status == Status.CONFIRMED
    await settle_deposit(session, appointment, "customer", now)
    has_cost = was_confirmed or appointment.deposit_status == "forfeited"
    late = has_cost and now > await free_until(session, appointment)
    appointment.cancel(now, asked.reason)
    await claims.release(session, asked.business_id, appointment.id)
    fact = await announce(
        session,
        appointment,
        one.business,
        AppointmentCancelled,
        now,
        cancelled_by="customer",
        reason=asked.reason,
        was_confirmed=was_confirmed,
        late=late,
    )
    return reply_with(session, one, asked, "appointment.cancelled_by_customer", fact)
