import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.problems import NotFound
from contracts.feeds import TOMBSTONE_DAYS
from portal.bookings import queries as bookings
from portal.bookings.calendar_text import calendar, event_of
from portal.bookings.models import Booking
from portal.bookings.views import view
from portal.copies.models import Business, Customer
from portal.feeds.models import ClientFeed
from portal.feeds.schemas import FeedWithAddress
from portal.portal_sessions.queries import Client
from portal.settings import PortalSettings
from portal.signed_token import new_token, read_token

PAST = timedelta(days=90)
TOMBSTONES = timedelta(days=TOMBSTONE_DAYS)
GONE = ("cancelled", "late_cancelled")


async def rotate(
    session: AsyncSession, settings: PortalSettings, client: Client, now: datetime
) -> FeedWithAddress:
    """A new address; the old one, if there was one, is dead with the commit."""
    token = new_token(client.business_id, uuid4())
    values = {
        "business_id": client.business_id,
        "id": token.id,
        "customer_id": client.id,
        "token_hash": token.digest,
        "created_at": now,
    }
    fresh = insert(ClientFeed).values(values)
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=["business_id", "customer_id"],
            set_={name: values[name] for name in ("id", "token_hash", "created_at")},
        )
    )
    signed = token.signed("feed", settings.link_secret)
    url = f"{settings.public_url.rstrip('/')}/api/portal/feeds/{signed}.ics"
    return FeedWithAddress(created_at=now, url=url)


async def find(session: AsyncSession, client: Client) -> ClientFeed:
    found = await session.scalar(
        select(ClientFeed).where(
            ClientFeed.business_id == client.business_id, ClientFeed.customer_id == client.id
        )
    )
    if found is None:
        raise NotFound
    return found


async def revoke(session: AsyncSession, client: Client) -> None:
    await find(session, client)
    await session.execute(
        delete(ClientFeed).where(
            ClientFeed.business_id == client.business_id, ClientFeed.customer_id == client.id
        )
    )


async def text_of(
    session: AsyncSession, settings: PortalSettings, signed: str, now: datetime
) -> str:
    """Raises NotFound for whatever opens no feed."""
    token = read_token(signed, "feed", settings.link_secret)
    if token is None:
        raise NotFound
    await enter_business(session, token.business_id)
    feed = await session.get(ClientFeed, token.key)
    if feed is None or not secrets.compare_digest(feed.token_hash, token.digest):
        raise NotFound
    customer = await session.get_one(Customer, (feed.business_id, feed.customer_id))
    if customer.archived_at:
        raise NotFound
    business = await session.get_one(Business, feed.business_id)
    shown = (
        bookings.of_client(Client(customer, business))
        .where(
            Booking.starts_at >= now - PAST,
            or_(Booking.status.not_in(GONE), Booking.told_at > now - TOMBSTONES),
        )
        .order_by(*bookings.ORDER)
    )
    rows = await session.execute(shown)
    return calendar(event_of(one, view(one, window, now)) for one, window in rows)
