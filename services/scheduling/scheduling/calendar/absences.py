from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calendar import CalendarEntry
from scheduling.copies.models import Business


async def absences_of(
    session: AsyncSession,
    business: Business,
    begins: datetime,
    ends: datetime,
    staff_ids: Sequence[UUID],
) -> list[CalendarEntry]:
    """Time off, closures and connected calendars that touch the range; of nobody named: all."""
    return []
