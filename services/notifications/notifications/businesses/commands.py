from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import BusinessChanged
from notifications.businesses.models import Business


async def keep_business(session: AsyncSession, event: BusinessChanged) -> None:
    await keep_copy(session, Business, event.business_id, event.business)
