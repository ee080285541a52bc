from sqlalchemy import bindparam, true
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.feed_pages import FeedPages
from contracts.feeds import FeedPart, ReadSchedulingFeed
from scheduling.feeds.models import FeedEvent

PAGES = FeedPages(
    FeedEvent,
    {
        "business": true(),
        "staff_member": FeedEvent.staff_id == bindparam("id"),
        "customer": FeedEvent.customer_id == bindparam("id"),
    },
)


async def read(session: AsyncSession, asked: ReadSchedulingFeed) -> FeedPart:
    return await PAGES.read(session, asked)
