"""Feeds as the gateway asks for them: texts that were rendered long before, put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Select,
    String,
    Subquery,
    Uuid,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.selectable import LateralFromClause

from chassis.database import OfBusiness
from chassis.problems import InvalidRequest
from contracts.feeds import TOMBSTONE_DAYS, FeedPart, ReadFeed

PAST_DAYS = 90
"""So far back does a feed reach; whoever subscribes wants to know what comes."""
PAGE_EVENTS = 2000
PAGE_BYTES = 400_000
"""NATS carries 1 MiB. In JSON a text becomes twice as long at most: of all its characters, only
line ends, quotes and backslashes are written as two."""

PLACE_BEFORE = tuple_(
    bindparam("last_at", type_=DateTime(timezone=True)), bindparam("last_id", type_=Uuid)
)


class RenderedEvent(OfBusiness):
    """What feeds say of the thing with this id, rendered when it changed."""

    starts_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    named: Mapped[str]
    busy: Mapped[str]
    """The same event with nothing about whom or what."""


@dataclass(frozen=True, eq=False)
class FeedPages:
    events: type[RenderedEvent]
    scopes: Mapping[str, ColumnElement[bool]]
    """Which events belong to the thing `id` that a feed is of; a scope left out has none."""

    async def read(self, session: AsyncSession, asked: ReadFeed) -> FeedPart:
        """A page at a time; `version` is that of all pages together, on every one of them.

        Whoever reads on and finds another version begins again.
        """
        if asked.scope not in self.scopes:
            return FeedPart(version="0", events="")
        wanted = {
            "business_id": asked.business_id,
            "id": asked.id,
            "since": asked.at - timedelta(days=PAST_DAYS),
            "tombstones_since": asked.at - timedelta(days=TOMBSTONE_DAYS),
            "unless": asked.unless,
        }
        if asked.page:
            wanted |= place_of(asked.page)
        which = statement(self, asked.scope, names=asked.names, is_first=not asked.page)
        row = (await session.execute(which, wanted)).one()
        if row.version == asked.unless:
            return FeedPart(version=row.version, events=None)
        more = f"{row.starts_at.isoformat()}/{row.id}" if row.more else None
        return FeedPart(version=row.version, events=row.events or "", next_page=more)


@cache
def statement(
    pages: FeedPages, scope: str, *, names: bool, is_first: bool
) -> Select[*tuple[Any, ...]]:
    """One round trip, built once; the texts are not touched where the asker has them."""
    events = pages.events
    within = (
        events.business_id == bindparam("business_id"),
        pages.scopes[scope],
        events.starts_at >= bindparam("since"),
        or_(events.cancelled_at.is_(None), events.cancelled_at > bindparam("tombstones_since")),
    )
    text = events.named if names else events.busy
    # Of each text, whatever their order: also what leaves for its age changes it.
    contents = func.sum(func.hashtextextended(text, 0))
    version = func.concat_ws(
        ".", "n" if names else "b", func.count(), func.coalesce(contents, 0), type_=String
    )
    whole = select(version.label("version")).where(*within).subquery()
    place = (events.starts_at, events.id)
    rows = select(*place, text.label("text")).where(*within)
    if not is_first:
        rows = rows.where(tuple_(*place) > PLACE_BEFORE)
    some = page(rows.order_by(*place).limit(PAGE_EVENTS).subquery(), whole)
    return select(
        whole.c.version, some.c.events, some.c.more, some.c.starts_at, some.c.id
    ).select_from(whole.join(some, true()))


def page(rows: Subquery, whole: Subquery) -> LateralFromClause:
    """As many of the rows as fit into one answer."""
    size = func.sum(func.octet_length(rows.c.text)).over(order_by=[rows.c.starts_at, rows.c.id])
    some = select(*rows.c, (size <= PAGE_BYTES).label("fits")).subquery()
    fits, in_order = some.c.fits, (some.c.starts_at, some.c.id)
    count = func.count().filter(fits)
    # All aggregates want one and the same order, in which the rows come: nothing is sorted again.
    ids = func.array_agg(aggregate_order_by(some.c.id, *in_order), type_=ARRAY(Uuid))
    texts = func.string_agg(some.c.text, aggregate_order_by(literal("", String), *in_order))
    return (
        select(
            texts.filter(fits).label("events"),
            or_(func.bool_or(~fits), count == PAGE_EVENTS).label("more"),
            func.max(some.c.starts_at).filter(fits).label("starts_at"),
            ids.filter(fits)[count].label("id"),
        )
        .where(whole.c.version.is_distinct_from(bindparam("unless", type_=String)))
        .lateral()
    )


def place_of(token: str) -> dict[str, datetime | UUID]:
    starts_at, _, id_ = token.partition("/")
    try:
        return {"last_at": datetime.fromisoformat(starts_at), "last_id": UUID(id_)}
    except ValueError as error:
        raise InvalidRequest from error
