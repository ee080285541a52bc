from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.pages import read_page
from chassis.problems import NotFound
from contracts.permissions import Permission
from scheduling.appointments.models import Appointment
from scheduling.appointments.queries import visible_to
from scheduling.series.models import Series
from scheduling.series.schemas import SeriesFilter


async def find(
    session: AsyncSession, caller: Principal, wanted: SeriesFilter
) -> tuple[list[Series], str | None]:
    """In the order in which they were booked; without `MANAGE_CALENDAR` the caller's own only."""
    found = select(Series).where(Series.business_id == caller.business_id)
    if not caller.may(Permission.MANAGE_CALENDAR):
        found = found.where(Series.staff_id == caller.staff_id)
    for name in ("staff_id", "service_id"):
        if (value := getattr(wanted, name)) is not None:
            found = found.where(getattr(Series, name) == value)
    return await read_page(session, found, (Series.booked_at, Series.id), wanted)


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
