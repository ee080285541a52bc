from sqlalchemy.ext.asyncio import AsyncSession

from contracts.scheduling import AppointmentHoldState, ReadAppointmentHold
from scheduling.appointments.models import Appointment


async def read_hold(session: AsyncSession, asked: ReadAppointmentHold) -> AppointmentHoldState:
    """Of what was never here, or has vanished, none stands.

    Of what was cancelled or missed the last one does, until the event says what becomes of it.
    """
    row = await session.get(Appointment, (asked.business_id, asked.appointment_id))
    if row is None:
        return AppointmentHoldState(hold_version=0, pending_version=None)
    return AppointmentHoldState(hold_version=row.hold_version, pending_version=row.proposed_version)
