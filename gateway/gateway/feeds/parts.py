"""Asks every owner of time for its part of a feed."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from chassis.requests import Refused, ask
from chassis.runtime import Connected
from contracts.feeds import FeedPart, ReadFeed, ReadPilatesFeed, ReadSchedulingFeed
from gateway.feeds.kept_texts import KeptTexts
from gateway.feeds.problems import FeedIncomplete
from gateway.feeds.records import Feed

OWNERS: tuple[type[ReadFeed], ...] = (ReadSchedulingFeed, ReadPilatesFeed)
MOST_PAGES = 100
TRIES = 3


@dataclass(frozen=True)
class Part:
    version: str
    events: bytes | None
    """None: as it was when it was seen last, and not read again."""


class Parts:
    def __init__(self, runtime: Connected) -> None:
        self._runtime = runtime
        self._kept = KeptTexts()

    async def read(self, feed: Feed, now: datetime, seen: list[str] | None = None) -> list[Part]:
        """All of them, or FeedIncomplete. A text may be absent if none has changed since `seen`."""
        questions = [question(owner, feed, now) for owner in OWNERS]
        versions: list[str | None] = [*seen] if seen else [None] * len(OWNERS)
        asked = zip(questions, versions, strict=True)
        parts = await asyncio.gather(*(self._read_one(*one) for one in asked))
        if [part.version for part in parts] == versions:
            return parts
        return [
            await self._read_one(asking, None) if part.events is None else part
            for asking, part in zip(questions, parts, strict=True)
        ]

    async def _read_one(self, asking: ReadFeed, seen: str | None) -> Part:
        """Says which version is here already, and begins again where it changes between pages."""
        place = (asking.subject, asking.business_id, asking.scope, asking.id, asking.names)
        version, text = self._kept.get(place) or (seen, None)
        for _ in range(TRIES):
            page = await self._read_page(asking.model_copy(update={"unless": version}))
            if page.events is None:
                if page.version != version:
                    raise FeedIncomplete
                return Part(page.version, text)
            texts, new_version = [page.events], page.version
            while page.next_page and page.version == new_version and len(texts) < MOST_PAGES:
                following = asking.model_copy(update={"page": page.next_page})
                page = await self._read_page(following)
                texts.append(page.events or "")
            if page.version == new_version and page.next_page is None:
                part = "".join(texts).encode()
                self._kept.keep(place, new_version, part)
                return Part(new_version, part)
        raise FeedIncomplete

    async def _read_page(self, asking: ReadFeed) -> FeedPart:
        try:
            return await ask(self._runtime, asking, FeedPart)
        except Refused as refused:
            raise FeedIncomplete from refused


def question(owner: type[ReadFeed], feed: Feed, now: datetime) -> ReadFeed:
    return owner(
        business_id=feed.business_id,
        scope=feed.scope,
        id=feed.scope_id or feed.business_id,
        names=feed.names,
        at=now,
    )
