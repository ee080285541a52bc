"""A customer's own appointment, held for one change; everybody else's does not exist."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.audit import AuditEntry
from chassis.preconditions import check_version
from chassis.problems import NotFound
from contracts.client_requests import AppointmentReply, OfCustomer
from contracts.scheduling import AppointmentEvent
from scheduling.appointments.announcing import snapshot
from scheduling.appointments.changes.hold_still import Held
from scheduling.appointments.changes.rescheduling import service_of
from scheduling.appointments.models import Appointment
from scheduling.client_requests.problems import AppointmentBegun, TooLateToMove
from scheduling.copies.models import Business


def check_own(appointment: Appointment | None, asked: OfCustomer) -> Appointment:
    if appointment is None or appointment.customer_id != asked.customer_id:
        raise NotFound
    return appointment


async def held(session: AsyncSession, appointment: Appointment, seen: int) -> Held:
    """Raises Stale, without the state that is the studio's to know."""
    check_version(appointment.version, seen)
    key = (appointment.business_id, appointment.business_id)
    business = await session.get_one(Business, key)
    before = snapshot(appointment, business).model_dump(mode="json")
    return Held(appointment, business, before)


async def free_until(session: AsyncSession, appointment: Appointment) -> datetime:
    """Inclusive: moved or cancelled until then, it costs nothing."""
    service = await service_of(session, appointment)
    return appointment.starts_at - timedelta(minutes=service.cancellation_window_minutes)


async def check_may_move(session: AsyncSession, appointment: Appointment, now: datetime) -> None:
    """Raises IllegalTransition or TooLateToMove."""
    appointment.check_movable(now)
    until = await free_until(session, appointment)
    if now > until:
        raise TooLateToMove(until=until.isoformat())


def check_not_begun(appointment: Appointment, now: datetime) -> None:
    if now >= appointment.starts_at:
        raise AppointmentBegun(starts_at=appointment.starts_at.isoformat())


def reply_with(
    session: AsyncSession, one: Held, asked: OfCustomer, action: str, fact: AppointmentEvent
) -> AppointmentReply:
    """What has become of it, also for the audit trail."""
    after = fact.appointment.model_dump(mode="json")
    changed = {name for name, value in after.items() if one.before.get(name) != value}
    session.add(
        AuditEntry(
            business_id=asked.business_id,
            actor=f"customer:{asked.customer_id}",
            action=action,
            subject_id=one.appointment.id,
            before={name: value for name, value in one.before.items() if name in changed},
            after={name: value for name, value in after.items() if name in changed},
            at=fact.occurred_at,
        )
    )
    return AppointmentReply(appointment=fact.appointment)
