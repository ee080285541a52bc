from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, literal, select
from sqlalchemy.dialects.postgresql import JSON, Range
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from scheduling.busy_calendars.models import BusyCalendar, BusyTime
from scheduling.claims.queries import seconds
from scheduling.time_asked_for import AROUND, BUSINESS, STAFF

begin, end = func.lower(BusyTime.during), func.upper(BusyTime.during)

PART = (
    select(
        literal("elsewhere").label("what"),
        BusyTime.staff_id,
        func.json_build_object(
            "begins", seconds(begin, begin), "ends", seconds(end, begin), type_=JSON
        ).label("payload"),
    )
    .where(
        BusyTime.business_id == BUSINESS,
        BusyTime.staff_id == STAFF,
        BusyTime.during.overlaps(AROUND),
    )
    .group_by(BusyTime.staff_id)
)
"""One row a person: the times that touch the range, as columns of epoch seconds."""


async def between(
    session: AsyncSession,
    business_id: UUID,
    begins: datetime,
    ends: datetime,
    staff_ids: Collection[UUID] | None = None,
) -> Sequence[Row[UUID, UUID, datetime, datetime]]:
    """`calendar_id, staff_id, starts_at, ends_at`, in the order they begin; None: anybody's."""
    starts_at = func.lower(BusyTime.during)
    found = select(
        BusyTime.calendar_id,
        BusyTime.staff_id,
        starts_at.label("starts_at"),
        func.upper(BusyTime.during).label("ends_at"),
    ).where(
        BusyTime.business_id == business_id,
        BusyTime.during.overlaps(Range(begins, ends, bounds="[)")),
    )
    if staff_ids is not None:
        found = found.where(BusyTime.staff_id.in_(staff_ids))
    return (await session.execute(found.order_by(starts_at, BusyTime.calendar_id))).all()


async def of_staff_member(
    session: AsyncSession, business_id: UUID, staff_id: UUID
) -> Sequence[BusyCalendar]:
    found = select(BusyCalendar).where(
        BusyCalendar.business_id == business_id, BusyCalendar.staff_id == staff_id
    )
    return (await session.scalars(found.order_by(BusyCalendar.id))).all()


async def one(
    session: AsyncSession, business_id: UUID, staff_id: UUID, calendar_id: UUID
) -> BusyCalendar:
    """Locked: whoever changes it waits for whoever stores what was fetched."""
    calendar = await session.get(BusyCalendar, (business_id, calendar_id), with_for_update=True)
    if calendar is None or calendar.staff_id != staff_id:
        raise NotFound
    return calendar
