"""Every request that pilates answers over NATS."""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.requests import Requests
from contracts.feeds import FeedPart, ReadPilatesFeed


async def read_feed(_session: AsyncSession, _request: ReadPilatesFeed) -> FeedPart:
    """No class session yet, so nothing to show."""
    return FeedPart(version="0", events="")


REQUESTS: Requests = {ReadPilatesFeed: read_feed}
