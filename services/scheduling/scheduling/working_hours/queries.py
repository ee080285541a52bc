from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.working_hours.models import WorkingHours


async def hours_of(session: AsyncSession, business_id: UUID, staff_id: UUID) -> WorkingHours:
    """Nobody works before hours were set: version 0, an empty week."""
    stored = await session.get(WorkingHours, (business_id, staff_id))
    return stored or WorkingHours(business_id=business_id, staff_id=staff_id, version=0, weekly=[])
