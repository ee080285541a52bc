from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.problems import NotFound
from contracts.permissions import Permission
from scheduling.appointments.models import Appointment
from scheduling.appointments.queries import visible_to
from scheduling.series.models import Series


async def read(
    session: AsyncSession, caller: Principal, series_id: UUID
) -> tuple[Series, list[Appointment]]:
    """With those of its appointments that the caller may see, in the order of its rule.

    Raises NotFound if it is somebody else's and none of it is in the caller's calendar.
    """
    series = await session.get(Series, (caller.business_id, series_id))
    if series is None:
        raise NotFound
    found = await session.scalars(
        select(Appointment)
        .where(visible_to(caller), Appointment.series_id == series_id)
        .order_by(Appointment.occurs_on)
    )
    appointments = list(found)
    own = caller.may(Permission.MANAGE_CALENDAR) or caller.staff_id == series.staff_id
    if not (own or appointments):
        raise NotFound
    return series, appointments
