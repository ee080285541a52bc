import re
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from contracts.manage_links import ManageLink
from portal.copies.models import Business
from portal.copies.queries import business_named
from portal.manage_links.problems import BookingOver
from portal.manage_links.queries import open_link
from portal.pages.shell import Host
from portal.sign_in_links.schemas import SLUG


async def host_of(session: AsyncSession, slug: str) -> Host:
    """Raises NotFound."""
    if not re.fullmatch(SLUG, slug):
        raise NotFound
    return read(await business_named(session, slug))


async def host_of_link(
    session: AsyncSession, link: ManageLink | None, now: datetime
) -> tuple[Host, bool]:
    """And whether there is still something to manage. Raises NotFound."""
    if link is None:
        raise NotFound
    try:
        return read((await open_link(link, now, session)).business), True
    except BookingOver:
        return read(await session.get_one(Business, link.business_id)), False


def read(business: Business) -> Host:
    return Host(business.name, business.slug, business.locale)
