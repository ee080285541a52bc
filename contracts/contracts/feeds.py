"""How the gateway asks every owner of time for its part of a calendar feed (RFC 5545)."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.request import Reply, Request

TOMBSTONE_DAYS = 60
"""For so long a feed says of a cancelled booking that it is cancelled."""


class FeedPart(Reply):
    version: str
    """Changes whenever the feed's text would; opaque."""
    events: str | None
    """VEVENT components, each line folded and ended by CRLF; absent if `version` is `unless`."""
    next_page: str | None = None
    """Ask again with it in `page` for what did not fit."""


class ReadFeed(Request):
    """Upcoming and recent bookings of one scope. The asker has checked that it may."""

    reply: ClassVar = FeedPart

    scope: Literal["business", "staff_member", "customer", "resource"]
    id: UUID
    """Of the scope; the business's own id for the whole business."""
    names: bool
    """False: the feed says busy, and nothing about whom or what."""
    at: AwareDatetime
    """The asker's now."""
    unless: str | None = None
    page: str | None = None


class ReadSchedulingFeed(ReadFeed):
    subject: ClassVar = "ask.scheduling.feed"


class ReadPilatesFeed(ReadFeed):
    subject: ClassVar = "ask.pilates.feed"
