"""When a feed was last fetched, to the minute: apps may come as often as they like."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from chassis.problems import TryAgain
from gateway.feeds.records import Feed, FeedRecords

EVERY = timedelta(minutes=1)
MOST_KNOWN = 10_000


class FetchedTimes:
    def __init__(self, records: FeedRecords) -> None:
        self._records = records
        self._noted: dict[UUID, datetime] = {}

    async def note(self, feed: Feed, now: datetime) -> None:
        last = self._noted.get(feed.id)
        if last is not None and last <= now < last + EVERY:
            return
        if len(self._noted) >= MOST_KNOWN:
            self._noted.clear()
        self._noted[feed.id] = now
        with suppress(TryAgain):
            await self._records.note_fetched(feed, now)
