"""What the database knows of people's time, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.appointments.models import BLOCKING, Appointment
from scheduling.copies.models import Business, StaffMember
from scheduling.slots.free_slots import Interval
from scheduling.working_hours.local_hours import day_bounds, working_intervals
from scheduling.working_hours.models import WorkingHours, week_of

WIDEST_BLOCK = timedelta(days=3)
"""A day's appointment with a day's buffer on either side."""


class StaffTime(NamedTuple):
    working: list[Interval]
    busy: list[Interval]
    """Sorted, with their buffers, and reaching beyond the range."""


async def read_staff_time(
    session: AsyncSession, business: Business, staff_ids: Collection[UUID], first: date, last: date
) -> dict[UUID, StaffTime]:
    """Working hours and booked time, for these local dates, of those who are still there."""
    hours = await session.execute(
        select(StaffMember.id, WorkingHours.weekly)
        .outerjoin(
            WorkingHours,
            (WorkingHours.business_id == StaffMember.business_id)
            & (WorkingHours.staff_id == StaffMember.id),
        )
        .where(
            StaffMember.business_id == business.id,
            StaffMember.id.in_(staff_ids),
            StaffMember.archived_at.is_(None),
        )
        .order_by(StaffMember.id)
    )
    begins = datetime.fromtimestamp(day_bounds(business.time_zone, first)[0], UTC)
    ends = datetime.fromtimestamp(day_bounds(business.time_zone, last)[1], UTC)
    busy = await read_busy(session, business.id, staff_ids, begins, ends)
    # A shift that goes on at midnight is one shift, also on the last of the dates.
    zone, beyond = business.time_zone, last + timedelta(days=1)
    return {
        staff_id: StaffTime(
            working_intervals(week_of(weekly or []), zone, first, beyond), busy[staff_id]
        )
        for staff_id, weekly in hours
    }


async def read_busy(
    session: AsyncSession,
    business_id: UUID,
    staff_ids: Collection[UUID],
    begins: datetime,
    ends: datetime,
) -> dict[UUID, list[Interval]]:
    around = Range(begins - WIDEST_BLOCK, ends + WIDEST_BLOCK, bounds="[)")
    rows = await session.execute(
        select(
            Appointment.staff_id,
            func.extract("epoch", func.lower(Appointment.blocks)),
            func.extract("epoch", func.upper(Appointment.blocks)),
        )
        .where(
            Appointment.business_id == business_id,
            Appointment.staff_id.in_(staff_ids),
            Appointment.status.in_(BLOCKING),
            Appointment.blocks.overlaps(around),
        )
        .order_by(func.lower(Appointment.blocks))
    )
    busy: dict[UUID, list[Interval]] = defaultdict(list)
    for staff_id, from_, to in rows:
        busy[staff_id].append((int(from_), int(to)))
    return busy
