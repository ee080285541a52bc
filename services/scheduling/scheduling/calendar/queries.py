from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from contracts.calendar import CalendarEntries, CalendarEntry, CalendarQuery
from contracts.permissions import Permission
from scheduling.appointments.models import Appointment, Status

ONE_DAY = timedelta(days=1)

COLUMNS = (
    Appointment.id,
    Appointment.version,
    Appointment.status,
    Appointment.starts_at,
    Appointment.ends_at,
    Appointment.staff_id,
    Appointment.service_id,
    Appointment.service_name,
    Appointment.customer_id,
    Appointment.customer_name,
)


async def find(
    session: AsyncSession,
    caller: Principal,
    wanted: CalendarQuery,
    begins: datetime,
    ends: datetime,
) -> CalendarEntries:
    """What overlaps `[begins, ends)`, in the order it begins."""
    if wanted.resource:
        return CalendarEntries(entries=[])
    rows = await session.execute(overlapping(caller, wanted, begins, ends))
    return CalendarEntries(entries=[entry(row, caller) for row in rows])


def overlapping(
    caller: Principal, wanted: CalendarQuery, begins: datetime, ends: datetime
) -> Select[*tuple[Any, ...]]:
    statement = (
        select(*COLUMNS)
        .where(
            Appointment.business_id == caller.business_id,
            Appointment.starts_at < ends,
            # No appointment lasts longer than a day, so the index finds the range from both ends.
            Appointment.starts_at > begins - ONE_DAY,
            Appointment.ends_at > begins,
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    if wanted.status:
        statement = statement.where(Appointment.status.in_(wanted.status))
    else:
        statement = statement.where(Appointment.status != Status.CANCELLED)
    if wanted.staff:
        statement = statement.where(Appointment.staff_id.in_(wanted.staff))
    if wanted.service:
        statement = statement.where(Appointment.service_id.in_(wanted.service))
    return statement


def entry(row: Row[Any], caller: Principal) -> CalendarEntry:
    """Others' time is `Busy` to a member without `MANAGE_CALENDAR`."""
    time = {
        "source": "scheduling",
        "kind": "appointment",
        "id": row.id,
        "version": row.version,
        "status": row.status,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "staff_id": row.staff_id,
    }
    if not (caller.may(Permission.MANAGE_CALENDAR) or caller.staff_id == row.staff_id):
        return CalendarEntry(**time, title="Busy")
    return CalendarEntry(
        **time,
        title=f"{row.service_name} · {row.customer_name}",
        service_id=row.service_id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
    )
