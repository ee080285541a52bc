"""Appointments that time off would lie over."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, cast, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.occurrences import Recurrence
from scheduling.appointments.models import OPEN, Appointment
from scheduling.copies.models import Business
from scheduling.time_off.problems import AppointmentsInTheWay
from scheduling.time_off.queries import within

LOOKS_AHEAD = timedelta(days=731)
"""Two years: whatever is booked later than that is met by the next look of the studio."""
LISTED = 100


async def check_nothing_in_the_way(
    session: AsyncSession,
    business: Business,
    staff_ids: Collection[UUID],
    wanted: Recurrence,
    now: datetime,
    *,
    instead_of: Recurrence | None = None,
) -> None:
    """Raises AppointmentsInTheWay. Call it under the lock of these people's rows.

    What is in the way already of the time off that this replaces has been decided on before.
    """
    newly = lies_under(wanted, business, now)
    if instead_of is not None:
        newly &= not_(lies_under(instead_of, business, now))
    rows = await session.execute(
        select(
            Appointment.id,
            Appointment.starts_at,
            Appointment.ends_at,
            Appointment.staff_id,
            Appointment.service_name,
            Appointment.customer_name,
            func.count().over().label("count"),
        )
        .where(
            Appointment.business_id == business.id,
            Appointment.staff_id.in_(staff_ids),
            Appointment.status.in_(OPEN),
            or_(Appointment.pay_by.is_(None), Appointment.pay_by > now),
            Appointment.ends_at > now,
            newly,
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(LISTED)
    )
    if found := rows.mappings().all():
        raise AppointmentsInTheWay(
            "Move or cancel them, or say `force` to keep them where they are.",
            count=found[0]["count"],
            appointments=[shown(dict(row)) for row in found],
        )


def lies_under(series: Recurrence, business: Business, now: datetime) -> ColumnElement[bool]:
    """The appointment itself; its buffers may lie in time off."""
    ranges = [
        Range(
            datetime.fromtimestamp(starts, now.tzinfo),
            datetime.fromtimestamp(over, now.tzinfo),
            bounds="[)",
        )
        for starts, over in within(series, business.time_zone, now, now + LOOKS_AHEAD)
    ]
    during = func.tstzrange(Appointment.starts_at, Appointment.ends_at)
    off = cast(literal(ranges, TSTZMULTIRANGE), TSTZMULTIRANGE)
    return during.bool_op("&&")(off)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Whoever may set this time off may see these appointments whole."""
    del row["count"]
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in row.items()
    }
