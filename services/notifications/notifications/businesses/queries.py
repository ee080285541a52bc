from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.businesses.models import Business


async def business_of(session: AsyncSession, business_id: UUID) -> Business | None:
    return await session.get(Business, business_id)
