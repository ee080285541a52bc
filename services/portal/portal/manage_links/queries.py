from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.problems import NotFound
from contracts.manage_links import ManageLink
from portal.bookings.models import Booking
from portal.copies.models import Business, Customer, Service
from portal.manage_links.problems import BookingOver, NotReadyYet
from portal.portal_sessions.queries import Client
from portal.waitlist.models import WaitlistEntry


@dataclass(frozen=True)
class Opened:
    """What one link opens."""

    link: ManageLink
    business: Business
    customer: Customer | None
    booking: Booking | None
    window_minutes: int | None
    entry: WaitlistEntry | None

    @property
    def client(self) -> Client:
        """On whose behalf the holder of the link acts, upon this one booking."""
        if self.customer is None:
            raise NotReadyYet
        return Client(self.customer, self.business)


async def open_link(link: ManageLink, now: datetime, session: AsyncSession) -> Opened:
    """Raises NotFound, and BookingOver from the end on."""
    await enter_business(session, link.business_id)
    business = await session.get(Business, link.business_id)
    key = (link.business_id, link.id)
    waits = link.noun == "waitlist_entry"
    entry = await session.get(WaitlistEntry, key) if waits else None
    booking = None if waits else await session.get(Booking, key)
    if booking is not None and booking.kind != link.noun:
        raise NotFound
    found = booking or entry
    if business is None or found is None:
        raise NotFound
    if now >= (booking.ends_at if booking else found.starts_at):
        raise BookingOver
    window = await window_of(session, booking)
    customer = await customer_of(session, link.business_id, found.customer_id)
    return Opened(link, business, customer, booking, window, entry)


async def window_of(session: AsyncSession, booking: Booking | None) -> int | None:
    if booking is None or booking.service_id is None:
        return None
    service = await session.get(Service, (booking.business_id, booking.service_id))
    return service.cancellation_window_minutes if service else None


async def customer_of(
    session: AsyncSession, business_id: UUID, customer_id: UUID | None
) -> Customer | None:
    if customer_id is None:
        return None
    return await session.get(Customer, (business_id, customer_id))
