from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.services.models import Offer, Service
from catalog.services.schemas import ServiceFilter
from chassis.pages import read_page
from chassis.problems import NotFound


async def read(session: AsyncSession, business_id: UUID, service_id: UUID) -> Service:
    service = await session.get(Service, (business_id, service_id))
    if service is None:
        raise NotFound
    return service


async def find(
    session: AsyncSession, business_id: UUID, wanted: ServiceFilter
) -> tuple[list[Service], str | None]:
    services = select(Service).where(Service.business_id == business_id)
    if not wanted.archived:
        services = services.where(Service.archived_at.is_(None))
    if wanted.q:
        services = services.where(Service.name.icontains(wanted.q, autoescape=True))
    if wanted.staff_id:
        services = services.where(Service.offers.any(Offer.staff_id == wanted.staff_id))
    return await read_page(session, services, (Service.name, Service.id), wanted)
