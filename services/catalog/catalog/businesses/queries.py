from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.businesses.localization import region_of
from catalog.businesses.models import Business
from chassis.problems import NotFound


async def read(session: AsyncSession, business_id: UUID) -> Business:
    if (business := await session.get(Business, business_id)) is None:
        raise NotFound
    return business


async def region(session: AsyncSession, business_id: UUID) -> str | None:
    """Where a telephone number without a country code is read."""
    place = select(Business.time_zone, Business.locale).where(Business.id == business_id)
    row = (await session.execute(place)).one_or_none()
    return region_of(row.time_zone, row.locale) if row else None
