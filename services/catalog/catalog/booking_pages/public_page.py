"""A booking page as a stranger sees it, who knows its slug and nothing else."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.booking_pages.models import BookingPage
from catalog.booking_pages.schemas import (
    PublicBooking,
    PublicPage,
    PublicService,
    PublicStaffMember,
)
from catalog.businesses.models import Business
from catalog.businesses.schemas import BusinessSummary
from catalog.deposit_policy import DepositPolicy
from catalog.services.models import Service
from catalog.staff.models import StaffMember
from chassis.database import enter_business, set_local
from chassis.problems import NotFound


async def page_at(session: AsyncSession, slug: str) -> BookingPage | None:
    """Row-level security lets this slug's page be read; from there on the business is known."""
    await set_local(session, "app.page_slug", slug)
    page: BookingPage | None = await session.scalar(
        select(BookingPage).where(
            BookingPage.slug == slug, BookingPage.published, BookingPage.archived_at.is_(None)
        )
    )
    if page:
        await enter_business(session, page.business_id)
    return page


async def read(session: AsyncSession, slug: str) -> PublicBooking:
    page = await page_at(session, slug)
    if page is None:
        raise NotFound
    business = await session.get_one(Business, page.business_id)
    return PublicBooking(
        page=PublicPage.model_validate(page),
        business=BusinessSummary.model_validate(business),
        services=await services_of(session, page),
    )


async def services_of(session: AsyncSession, page: BookingPage) -> list[PublicService]:
    """In the page's order; what was archived since is not shown."""
    services = await session.scalars(
        select(Service).where(
            Service.business_id == page.business_id,
            Service.id.in_(page.service_ids),
            Service.archived_at.is_(None),
        )
    )
    staff = await session.execute(
        select(StaffMember.id, StaffMember.name)
        .where(StaffMember.business_id == page.business_id, StaffMember.archived_at.is_(None))
        .order_by(StaffMember.name)
    )
    names = [PublicStaffMember(id=row.id, name=row.name) for row in staff]
    place = {id_: index for index, id_ in enumerate(page.service_ids)}
    return [
        public_service(page, service, [who for who in names if who.id in service.staff_ids])
        for service in sorted(services, key=lambda service: place[service.id])
    ]


def public_service(
    page: BookingPage, service: Service, staff: list[PublicStaffMember]
) -> PublicService:
    deposit = DepositPolicy.model_validate(page.deposit or service.deposit)
    worked_out = {
        "staff": staff,
        "deposit": deposit,
        "deposit_cents": deposit.due_cents(service.price_cents),
    }
    columns = PublicService.model_fields.keys() - worked_out
    return PublicService.model_validate(
        {name: getattr(service, name) for name in columns} | worked_out
    )
