from datetime import date
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.copies.models import StaffMember
from scheduling.time_asked_for import BUSINESS, FIRST, LAST, STAFF
from scheduling.working_hours.models import DatedHours, WorkingHours

hours = (WorkingHours.business_id == StaffMember.business_id) & (
    WorkingHours.staff_id == StaffMember.id
)
dated = (
    select(func.json_object_agg(DatedHours.date, DatedHours.ranges))
    .where(
        DatedHours.business_id == StaffMember.business_id,
        DatedHours.staff_id == StaffMember.id,
        DatedHours.date.between(FIRST, LAST),
        DatedHours.ranges.is_not(None),
    )
    .scalar_subquery()
)
PART = (
    select(
        literal("hours").label("what"),
        StaffMember.id.label("staff_id"),
        func.json_build_object(
            "weekly",
            func.coalesce(WorkingHours.weekly, literal([], JSONB)),
            "dated",
            dated,
            "daily_limit",
            StaffMember.daily_limit,
            type_=JSON,
        ).label("payload"),
    )
    .outerjoin(WorkingHours, hours)
    .where(
        StaffMember.business_id == BUSINESS,
        StaffMember.id == STAFF,
        StaffMember.archived_at.is_(None),
    )
)
"""One row a person who is still there: their week, these dates' own hours, their daily limit."""


async def hours_of(session: AsyncSession, business_id: UUID, staff_id: UUID) -> WorkingHours:
    """Nobody works before hours were set: version 0, an empty week."""
    stored = await session.get(WorkingHours, (business_id, staff_id))
    return stored or WorkingHours(business_id=business_id, staff_id=staff_id, version=0, weekly=[])


async def hours_on(
    session: AsyncSession, business_id: UUID, staff_id: UUID, day: date
) -> DatedHours:
    """Version 0 before the date ever had hours of its own."""
    stored = await session.get(DatedHours, (business_id, staff_id, day))
    return stored or DatedHours(
        business_id=business_id, staff_id=staff_id, date=day, version=0, ranges=None
    )


async def dates(
    session: AsyncSession, business_id: UUID, staff_id: UUID, first: date, last: date
) -> list[DatedHours]:
    found = await session.scalars(
        select(DatedHours)
        .where(
            DatedHours.business_id == business_id,
            DatedHours.staff_id == staff_id,
            DatedHours.date.between(first, last),
            DatedHours.ranges.is_not(None),
        )
        .order_by(DatedHours.date)
    )
    return list(found)
