"""Asks every owner of time for its part of a feed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.requests import Refused, ask
from chassis.runtime import Connected
from contracts.feeds import FeedPart, ReadFeed, ReadPilatesFeed, ReadSchedulingFeed
from gateway.feeds.problems import FeedIncomplete
from gateway.feeds.records import Feed

OWNERS: tuple[type[ReadFeed], ...] = (ReadSchedulingFeed, ReadPilatesFeed)
MOST_PAGES = 100
TRIES = 3


@dataclass(frozen=True)
class Part:
    version: str
    events: tuple[str, ...] | None
    """The pages; None: unchanged."""


async def read_parts(
    runtime: Connected, feed: Feed, now: datetime, seen: list[str] | None = None
) -> list[Part]:
    """All of them, or FeedIncomplete. None has a text if none has changed since `seen`."""
    versions: Sequence[str | None] = seen or [None] * len(OWNERS)
    questions = [question(owner, feed, now) for owner in OWNERS]
    asked = zip(questions, versions, strict=True)
    parts = await asyncio.gather(*(read_part(runtime, *one) for one in asked))
    if all(part.events is None for part in parts):
        return parts
    again = [
        read_part(runtime, asking, None)
        for asking, part in zip(questions, parts, strict=True)
        if part.events is None
    ]
    read_again = iter(await asyncio.gather(*again))
    return [next(read_again) if part.events is None else part for part in parts]


def question(owner: type[ReadFeed], feed: Feed, now: datetime) -> ReadFeed:
    return owner(
        business_id=feed.business_id,
        scope=feed.scope,
        id=feed.scope_id or feed.business_id,
        names=feed.names,
        at=now,
    )


async def read_part(runtime: Connected, asking: ReadFeed, seen: str | None) -> Part:
    """Begins again where it has changed between two pages."""
    for _ in range(TRIES):
        page = await read_page(runtime, asking.model_copy(update={"unless": seen}))
        if page.events is None:
            if page.version != seen:
                raise FeedIncomplete
            return Part(page.version, None)
        texts, version = [page.events], page.version
        while page.next_page and page.version == version and len(texts) < MOST_PAGES:
            page = await read_page(runtime, asking.model_copy(update={"page": page.next_page}))
            texts.append(page.events or "")
        if page.version == version and page.next_page is None:
            return Part(version, tuple(texts))
    raise FeedIncomplete


async def read_page(runtime: Connected, asking: ReadFeed) -> FeedPart:
    try:
        return await ask(runtime, asking, FeedPart)
    except Refused as refused:
        raise FeedIncomplete from refused
