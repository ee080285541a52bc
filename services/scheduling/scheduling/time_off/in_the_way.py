"""Appointments that time off would lie over, and classes that these people teach."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, cast, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.occurrences import Recurrence
from scheduling.appointments.models import OPEN, Appointment
from scheduling.claims.models import Claim, ClaimedFor
from scheduling.copies.models import Business
from scheduling.time_off.problems import AppointmentsInTheWay
from scheduling.time_off.queries import within

LOOKS_AHEAD = timedelta(days=731)
"""Two years: whatever is booked later than that is met by the next look of the studio."""
LISTED = 100

Timed = type[Appointment] | type[Claim]
Rows = Select[*tuple[Any, ...]]


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

    async def first_under(timed: Timed, those: Rows) -> list[RowMapping]:
        newly = lies_under(timed, wanted, business, now)
        if instead_of is not None:
            newly &= not_(lies_under(timed, instead_of, business, now))
        rows = await session.execute(
            those.add_columns(func.count().over().label("count"))
            .where(
                timed.business_id == business.id,
                timed.staff_id.in_(staff_ids),
                timed.ends_at > now,
                newly,
            )
            .order_by(timed.starts_at, timed.id)
            .limit(LISTED)
        )
        return list(rows.mappings())

    appointments = await first_under(Appointment, still_open(now))
    classes = await first_under(Claim, taught())
    if appointments or classes:
        raise AppointmentsInTheWay(
            "Move or cancel them, or say `force` to keep them where they are.",
            count=count_of(appointments),
            appointments=[shown(row) for row in appointments],
            class_session_count=count_of(classes),
            class_sessions=[shown(row) for row in classes],
        )


def still_open(now: datetime) -> Rows:
    return select(
        Appointment.id,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.staff_id,
        Appointment.service_name,
        Appointment.customer_name,
    ).where(
        Appointment.status.in_(OPEN),
        or_(Appointment.pay_by.is_(None), Appointment.pay_by > now),
    )


def taught() -> Rows:
    """A class that is being moved to another time is there at both, until that is settled."""
    return select(Claim.owner_id.label("id"), Claim.starts_at, Claim.ends_at, Claim.staff_id).where(
        Claim.kind == ClaimedFor.SESSION
    )


def lies_under(
    timed: Timed, series: Recurrence, business: Business, now: datetime
) -> ColumnElement[bool]:
    """The appointment itself; its buffers may lie in time off."""
    ranges = [
        Range(
            datetime.fromtimestamp(starts, now.tzinfo),
            datetime.fromtimestamp(over, now.tzinfo),
            bounds="[)",
        )
        for starts, over in within(series, business.time_zone, now, now + LOOKS_AHEAD)
    ]
    during = func.tstzrange(timed.starts_at, timed.ends_at)
    off = cast(literal(ranges, TSTZMULTIRANGE), TSTZMULTIRANGE)
    return during.bool_op("&&")(off)


def count_of(rows: list[RowMapping]) -> int:
    return rows[0]["count"] if rows else 0


def shown(row: RowMapping) -> dict[str, Any]:
    """Whoever may set this time off may see these appointments whole."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in row.items()
        if name != "count"
    }
