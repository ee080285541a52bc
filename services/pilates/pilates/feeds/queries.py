from sqlalchemy import bindparam, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.feed_pages import FeedPages
from contracts.feeds import FeedPart, ReadPilatesFeed
from pilates.feeds.models import FeedEvent
from pilates.resources.models import Reservation

OF_RESOURCE = union(
    # What is cancelled reserves nothing any more, but the room's feed says that it is cancelled.
    select(FeedEvent.id).where(
        FeedEvent.business_id == bindparam("business_id"), FeedEvent.room_id == bindparam("id")
    ),
    select(Reservation.owner_id).where(
        Reservation.business_id == bindparam("business_id"),
        Reservation.resource_id == bindparam("id"),
    ),
)

PAGES = FeedPages(
    FeedEvent,
    {
        "business": ~FeedEvent.is_place,
        "staff_member": FeedEvent.staff_id == bindparam("id"),
        "customer": FeedEvent.customer_id == bindparam("id"),
        "resource": FeedEvent.id.in_(OF_RESOURCE),
    },
)


async def read(session: AsyncSession, asked: ReadPilatesFeed) -> FeedPart:
    return await PAGES.read(session, asked)
