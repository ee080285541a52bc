"""Look a thing of catalog up; what has not arrived yet is asked for, once, and kept."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from chassis.database import enter_business, set_local
from chassis.problems import NotFound
from chassis.requests import ask
from chassis.runtime import Runtime
from contracts.catalog import Introduce, IntroducePage, Introduction, PageIntroduction
from pilates.copies.models import BookingPage, Business, Customer, Service, StaffMember

Copy = TypeVar("Copy", Service, StaffMember, Customer)

NOUNS = {Service: "service", StaffMember: "staff_member", Customer: "customer"}


async def known(
    session: AsyncSession, runtime: Runtime, model: type[Copy], business_id: UUID, id_: UUID
) -> Copy:
    """Raises NotFound for what is archived, another business's or nobody's.

    Whoever has just created a thing may use it at once, even before its event is here.
    """
    found = await session.get(model, (business_id, id_))
    if found is None:
        await introduce(session, runtime, model, NOUNS[model], business_id, id_)
        found = await session.get(model, (business_id, id_))
    if found is None or found.archived_at:
        raise NotFound
    return found


async def known_business(session: AsyncSession, runtime: Runtime, business_id: UUID) -> Business:
    found = await session.get(Business, business_id)
    if found is None:
        await introduce(session, runtime, Business, "business", business_id, business_id)
        found = await session.get_one(Business, business_id)
    return found


async def introduce(
    session: AsyncSession,
    runtime: Runtime,
    model: type[Any],
    noun: Any,
    business_id: UUID,
    id_: UUID,
) -> None:
    request = Introduce(business_id=business_id, noun=noun, id=id_)
    introduced = (await ask(runtime, request, Introduction)).snapshot()
    if introduced is None:
        raise NotFound
    await keep_copy(session, model, business_id, introduced)


async def customer_with_email(
    session: AsyncSession, business_id: UUID, email: str
) -> Customer | None:
    customer: Customer | None = await session.scalar(
        select(Customer).where(
            Customer.business_id == business_id,
            Customer.email == email,
            Customer.archived_at.is_(None),
        )
    )
    return customer


async def published_page(session: AsyncSession, runtime: Runtime, slug: str) -> BookingPage:
    """The page a visitor names; from here on the transaction is in that page's business."""
    await set_local(session, "app.page_slug", slug)
    page = await page_named(session, slug)
    if page is None or not page.published:
        page = await introduced_page(session, runtime, slug)
    await enter_business(session, page.business_id)
    return page


async def page_named(session: AsyncSession, slug: str) -> BookingPage | None:
    named = select(BookingPage).where(BookingPage.slug == slug, BookingPage.archived_at.is_(None))
    page: BookingPage | None = await session.scalar(
        named, execution_options={"populate_existing": True}
    )
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


async def every_business(session: AsyncSession) -> Sequence[UUID]:
    # Row-level security lets it see all of them, but nothing of theirs.
    await set_local(session, "app.every_business", "yes")
    businesses = select(Business.business_id).order_by(Business.business_id)
    return (await session.scalars(businesses)).all()
