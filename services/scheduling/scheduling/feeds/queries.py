"""Feeds as the gateway asks for them: texts that were rendered long before, put together."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    Subquery,
    Uuid,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import LateralFromClause

from chassis.problems import InvalidRequest
from contracts.feeds import TOMBSTONE_DAYS, FeedPart, ReadSchedulingFeed
from scheduling.feeds.models import FeedEvent

PAST_DAYS = 90
"""So far back does a feed reach; whoever subscribes wants to know what comes."""
PAGE_EVENTS = 1000
PAGE_BYTES = 400_000
"""NATS carries 1 MiB. In JSON a text becomes twice as long at most: of all its characters, only
line ends, quotes and backslashes are written as two."""

PLACE = (FeedEvent.starts_at, FeedEvent.id)


async def read(session: AsyncSession, asked: ReadSchedulingFeed) -> FeedPart:
    """A page at a time; `version` is that of all pages together, on every one of them.

    Whoever reads on and finds another version begins again.
    """
    if asked.scope == "resource":
        return FeedPart(version="0", events="")
    row = (await session.execute(statement(asked))).one()
    if row.version == asked.unless:
        return FeedPart(version=row.version, events=None)
    more = f"{row.starts_at.isoformat()}/{row.id}" if row.more else None
    return FeedPart(version=row.version, events=row.events or "", next_page=more)


def statement(asked: ReadSchedulingFeed) -> Select[*tuple[Any, ...]]:
    """One round trip; the texts are not touched where the asker has them."""
    # Of what, in which revision, whatever the order: also what leaves for its age changes it.
    contents = func.sum(func.uuid_hash_extended(FeedEvent.id, FeedEvent.revision))
    version = func.concat_ws(
        ".", "n" if asked.names else "b", func.count(), func.coalesce(contents, 0), type_=String
    )
    whole = select(version.label("version")).where(*within(asked)).subquery()
    some = page(asked, whole)
    return select(
        whole.c.version, some.c.events, some.c.more, some.c.starts_at, some.c.id
    ).select_from(whole.join(some, true()))


def within(asked: ReadSchedulingFeed) -> list[ColumnElement[bool]]:
    of_scope = {
        "business": true(),
        "staff_member": FeedEvent.staff_id == asked.id,
        "customer": FeedEvent.customer_id == asked.id,
    }[asked.scope]
    tombstones_since = asked.at - timedelta(days=TOMBSTONE_DAYS)
    return [
        FeedEvent.business_id == asked.business_id,
        of_scope,
        FeedEvent.starts_at >= asked.at - timedelta(days=PAST_DAYS),
        or_(FeedEvent.cancelled_at.is_(None), FeedEvent.cancelled_at > tombstones_since),
    ]


def page(asked: ReadSchedulingFeed, whole: Subquery) -> LateralFromClause:
    text = FeedEvent.named if asked.names else FeedEvent.busy
    number = func.row_number().over(order_by=PLACE)
    size = func.sum(func.octet_length(text)).over(order_by=PLACE)
    candidates = (
        select(
            *PLACE,
            text.label("text"),
            and_(number <= PAGE_EVENTS, size <= PAGE_BYTES).label("fits"),
        )
        .where(*within(asked))
        .order_by(*PLACE)
        .limit(PAGE_EVENTS + 1)
    )
    if asked.page:
        candidates = candidates.where(tuple_(*PLACE) > place_after(asked.page))
    some = candidates.subquery()
    at, id_ = some.c.starts_at, some.c.id
    last_id = func.array_agg(aggregate_order_by(id_, at.desc(), id_.desc()), type_=ARRAY(Uuid))
    nothing_between = literal("", String)
    return (
        select(
            func.string_agg(some.c.text, aggregate_order_by(nothing_between, at, id_))
            .filter(some.c.fits)
            .label("events"),
            func.bool_or(~some.c.fits).label("more"),
            func.max(at).filter(some.c.fits).label("starts_at"),
            last_id.filter(some.c.fits)[1].label("id"),
        )
        .where(whole.c.version.is_distinct_from(asked.unless))
        .lateral()
    )


def place_after(token: str) -> ColumnElement[Any]:
    starts_at, _, id_ = token.partition("/")
    try:
        return tuple_(datetime.fromisoformat(starts_at), UUID(id_))
    except ValueError as error:
        raise InvalidRequest from error
