from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import StaffMemberChanged
from pilates.staff.models import StaffMember


async def keep(session: AsyncSession, event: StaffMemberChanged) -> None:
    await keep_copy(session, StaffMember, event.business_id, event.staff_member)
