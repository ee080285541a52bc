"""Whom it is for and what they answered, put right without a change of the appointment itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.runtime import Runtime
from scheduling.appointments.announcing import show
from scheduling.appointments.answers import check_corrected
from scheduling.appointments.changes.hold_still import hold
from scheduling.appointments.changes.rescheduling import service_of
from scheduling.appointments.changes.schemas import AppointmentPatch
from scheduling.appointments.commands import recognise
from scheduling.appointments.models import Appointment
from scheduling.appointments.schemas import Guest


async def correct(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    wanted: AppointmentPatch,
    seen: int,
    now: datetime,
) -> Appointment:
    """Open calendars and feeds show it; nobody is written to."""
    appointment = (await hold(session, runtime, caller, appointment_id, seen)).appointment
    typed = wanted.model_dump(exclude_unset=True)
    after = {name: value for name, value in typed.items() if value != getattr(appointment, name)}
    before = {name: getattr(appointment, name) for name in after}
    if not after:
        return appointment
    if "answers" in after:
        service = await service_of(session, appointment)
        check_corrected(service.questions, appointment.answers, after["answers"])
    appointment.correct(**after)
    if email := after.get("customer_email"):
        guest = Guest(name=appointment.customer_name, email=email)
        appointment.customer_id = (await recognise(session, caller.business_id, guest)).id
    await show(session, appointment, now)
    audit.record(
        session,
        caller,
        "appointment.corrected",
        appointment_id,
        at=now,
        before=before,
        after=after,
    )
    return appointment
