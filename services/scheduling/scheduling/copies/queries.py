"""Look a thing of catalog up; what has not arrived yet is asked for, once, and kept."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from chassis.database import enter_business, set_local
from chassis.problems import NotFound
from chassis.requests import ask
from chassis.runtime import Runtime
from contracts.catalog import Introduce, IntroducePage, Introduction, PageIntroduction
from scheduling.copies.models import BookingPage, Business, Customer, Service, StaffMember

Copy = TypeVar("Copy", Business, Service, StaffMember, Customer)

NOUNS = {
    Business: "business",
    Service: "service",
    StaffMember: "staff_member",
    Customer: "customer",
}


async def known(
    session: AsyncSession, runtime: Runtime, model: type[Copy], business_id: UUID, id_: UUID
) -> Copy:
    """Raises NotFound for what is archived, another business's or nobody's.

    Whoever has just created a thing may use it at once, even before its event is here.
    """
    found = await session.get(model, (business_id, id_))
    if found is None:
        request = Introduce(business_id=business_id, noun=NOUNS[model], id=id_)
        introduced = (await ask(runtime, request, Introduction)).snapshot()
        if introduced is None:
            raise NotFound
        await keep_copy(session, model, business_id, introduced)
        found = await session.get(model, (business_id, id_))
    if found is None or getattr(found, "archived_at", None):
        raise NotFound
    return found


async def with_needs(runtime: Runtime, service: Service) -> Service:
    """A copy from before what it needs was kept asks for that, once. Raises NotFound."""
    if service.resource_kinds is None:
        request = Introduce(business_id=service.business_id, noun="service", id=service.id)
        told = (await ask(runtime, request, Introduction)).service
        if told is None:
            raise NotFound
        service.resource_kinds, service.credit_cost = told.resource_kinds, told.credit_cost
    return service


OWNERS: OrderedDict[str, UUID] = OrderedDict()
"""Whose page a slug was last time: a hint that saves a look, verified by the look that follows."""
OWNERS_KEPT = 10_000

PAGE = select(BookingPage).where(
    BookingPage.slug == bindparam("slug"), BookingPage.archived_at.is_(None)
)
BUSINESS_AND_SERVICE = (
    select(Business, Service)
    .join(Service, Service.business_id == Business.business_id)
    .where(
        Business.business_id == bindparam("business_id"),
        Business.id == bindparam("business_id"),
        Service.id == bindparam("service_id"),
        Service.archived_at.is_(None),
    )
)
ALL_THREE = BUSINESS_AND_SERVICE.add_columns(BookingPage).join(
    BookingPage,
    (BookingPage.business_id == Business.business_id)
    & (BookingPage.slug == bindparam("slug"))
    & BookingPage.archived_at.is_(None),
)


class Offer(NamedTuple):
    """A service on a visitor's page."""

    page: BookingPage
    business: Business
    service: Service


async def published_page(session: AsyncSession, runtime: Runtime, slug: str) -> BookingPage:
    """The page a visitor names; from here on the transaction is in that page's business."""
    if owner := OWNERS.get(slug):
        await enter_business(session, owner)
        if (page := await page_named(session, slug)) and page.published:
            return page
    await set_local(session, "app.page_slug", slug)
    page = await page_named(session, slug)
    if page is None or not page.published:
        page = await introduced_page(session, runtime, slug)
    await enter_business(session, page.business_id)
    OWNERS[slug] = page.business_id
    if len(OWNERS) > OWNERS_KEPT:
        OWNERS.popitem(last=False)
    return page


async def page_named(session: AsyncSession, slug: str) -> BookingPage | None:
    anew = {"populate_existing": True}
    page: BookingPage | None = await session.scalar(PAGE, {"slug": slug}, execution_options=anew)
    return page


async def introduced_page(session: AsyncSession, runtime: Runtime, slug: str) -> BookingPage:
    introduced = (await ask(runtime, IntroducePage(slug=slug), PageIntroduction)).page
    if introduced is None or not introduced.booking_page.published:
        raise NotFound
    await enter_business(session, introduced.business_id)
    # Its event may bring it in this moment: of two that insert one slug, one fails.
    with suppress(IntegrityError):
        async with session.begin_nested():
            await keep_copy(session, BookingPage, introduced.business_id, introduced.booking_page)
    page = await page_named(session, slug)
    if page is None or not page.published:
        raise NotFound
    return page


async def published_offer(
    session: AsyncSession, runtime: Runtime, slug: str, service_id: UUID
) -> Offer:
    """As `published_page`, with a service of that page; in one look where all is known.

    Raises NotFound for a service that this page does not offer.
    """
    if owner := OWNERS.get(slug):
        await enter_business(session, owner)
        asked = {"business_id": owner, "service_id": service_id, "slug": slug}
        found = (await session.execute(ALL_THREE, asked)).first()
        if found and found.BookingPage.published and service_id in found.BookingPage.service_ids:
            return Offer(found.BookingPage, found.Business, found.Service)
    page = await published_page(session, runtime, slug)
    if service_id not in page.service_ids:
        raise NotFound
    return Offer(page, *await business_and_service(session, runtime, page.business_id, service_id))


async def business_and_service(
    session: AsyncSession, runtime: Runtime, business_id: UUID, service_id: UUID
) -> tuple[Business, Service]:
    asked = {"business_id": business_id, "service_id": service_id}
    if found := (await session.execute(BUSINESS_AND_SERVICE, asked)).first():
        return found.Business, found.Service
    business = await known(session, runtime, Business, business_id, business_id)
    return business, await known(session, runtime, Service, business_id, service_id)


async def every_business(session: AsyncSession) -> Sequence[UUID]:
    # Row-level security lets it see all of them, but nothing of theirs.
    await set_local(session, "app.every_business", "yes")
    return (await session.scalars(select(Business.id).order_by(Business.id))).all()
