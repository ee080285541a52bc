"""What is kept of a calendar's times; only what differs is written, and told."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from contracts.calendar import SchedulingRangeChanged
from scheduling.busy_calendars.models import BusyCalendar, BusyTime

Time = tuple[datetime, datetime]


async def keep_times(
    session: AsyncSession, calendar: BusyCalendar, times: Iterable[Time], now: datetime
) -> None:
    """Call it with the calendar locked."""
    own = (
        BusyTime.business_id == calendar.business_id,
        BusyTime.calendar_id == calendar.id,
    )
    stored = await session.scalars(select(BusyTime.during).where(*own))
    before, after = set(stored), {Range(*time, bounds="[)") for time in times}
    gone, new = before - after, after - before
    if gone:
        await session.execute(delete(BusyTime).where(*own, BusyTime.during.in_(gone)))
    if new:
        key = {
            "business_id": calendar.business_id,
            "calendar_id": calendar.id,
            "staff_id": calendar.staff_id,
        }
        await session.execute(insert(BusyTime), [key | {"during": during} for during in new])
    if changed := gone | new:
        publish_on_commit(
            session,
            SchedulingRangeChanged(
                occurred_at=now,
                business_id=calendar.business_id,
                staff_id=calendar.staff_id,
                begins=min(during.lower for during in changed if during.lower),
                ends=max(during.upper for during in changed if during.upper),
            ),
        )
