from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.booking_pages.models import BookingPage
from catalog.booking_pages.schemas import BookingPageFilter
from chassis.pages import read_page
from chassis.problems import NotFound


async def read(session: AsyncSession, business_id: UUID, page_id: UUID) -> BookingPage:
    page = await session.get(BookingPage, (business_id, page_id))
    if page is None:
        raise NotFound
    return page


async def find(
    session: AsyncSession, business_id: UUID, wanted: BookingPageFilter
) -> tuple[list[BookingPage], str | None]:
    pages = select(BookingPage).where(BookingPage.business_id == business_id)
    if not wanted.archived:
        pages = pages.where(BookingPage.archived_at.is_(None))
    if wanted.published is not None:
        pages = pages.where(BookingPage.published == wanted.published)
    if wanted.q:
        pages = pages.where(
            or_(
                BookingPage.title.icontains(wanted.q, autoescape=True),
                BookingPage.slug.icontains(wanted.q, autoescape=True),
            )
        )
    return await read_page(session, pages, (BookingPage.title, BookingPage.id), wanted)
