from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import ServiceChanged
from pilates.services.models import Service


async def keep(session: AsyncSession, event: ServiceChanged) -> None:
    await keep_copy(session, Service, event.business_id, event.service)
