from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calendar import BUSY, CalendarEntry
from scheduling.busy_calendars import queries as busy_calendars
from scheduling.copies.models import Business
from scheduling.time_off import queries as time_off


async def absences_of(
    session: AsyncSession,
    business: Business,
    begins: datetime,
    ends: datetime,
    staff_ids: Sequence[UUID],
) -> list[CalendarEntry]:
    """Time off, closures and connected calendars that touch the range; of nobody named: all."""
    whose = staff_ids or None
    off = [
        CalendarEntry(
            source="scheduling",
            kind="time_off",
            id=one.id,
            title=one.title,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            status="confirmed",
            staff_id=one.staff_id,
            version=one.version,
        )
        for one in await time_off.between(session, business, begins, ends, whose)
    ]
    elsewhere = [
        CalendarEntry(
            source="scheduling",
            kind="busy",
            id=one.calendar_id,
            title=BUSY,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            status="confirmed",
            staff_id=one.staff_id,
            version=1,
        )
        for one in await busy_calendars.between(session, business.id, begins, ends, whose)
    ]
    return off + elsewhere
