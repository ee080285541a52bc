"""What another service is told that was named a thing before our event about it arrived."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.booking_pages.public_page import page_at
from catalog.businesses.models import Business
from catalog.customers.models import Customer
from catalog.services.models import Service
from catalog.staff.models import StaffMember
from contracts.catalog import Introduce, IntroducePage, Introduction, PageIntroduction

MODELS: dict[str, type[Service | StaffMember | Customer]] = {
    "service": Service,
    "staff_member": StaffMember,
    "customer": Customer,
}


async def introduce(session: AsyncSession, request: Introduce) -> Introduction:
    if request.noun == "business":
        return Introduction.model_validate(
            {"business": await session.get(Business, request.business_id)}
        )
    thing = await session.get(MODELS[request.noun], (request.business_id, request.id))
    return Introduction.model_validate({request.noun: thing})


async def introduce_page(session: AsyncSession, request: IntroducePage) -> PageIntroduction:
    page = await page_at(session, request.slug)
    if page is None:
        return PageIntroduction()
    return PageIntroduction(page=page.changed((await session.scalars(select(func.now()))).one()))
