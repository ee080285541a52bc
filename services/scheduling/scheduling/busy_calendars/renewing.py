"""Connected calendars, fetched again and again; never while a transaction is open."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import prometheus_client
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.runtime import Runtime
from scheduling.busy_calendars.fetch_policy import FetchPolicy, NotFetched
from scheduling.busy_calendars.fetching import Fetched, fetch
from scheduling.busy_calendars.keeping import keep_times
from scheduling.busy_calendars.models import BusyCalendar
from scheduling.busy_calendars.reading_apart import BusyTimes, read_apart
from scheduling.copies.models import Business, StaffMember

fetches = prometheus_client.Counter(
    "bookly_busy_calendar_fetches_total", "Connected calendars fetched", ["outcome"]
)

AT_ONCE = 4
STAMP = re.compile(rb"(?m)^DTSTAMP[:;].*$")
BEHIND, AHEAD = timedelta(days=1), timedelta(days=400)


@dataclass(frozen=True)
class Turn:
    """What has to be known of a calendar while nobody holds its row."""

    url: str
    zone: str
    digest: str | None
    """Of what need not be read again."""
    known: Fetched | None


@dataclass(frozen=True)
class Renewed:
    marks: Fetched
    digest: str
    zone: str
    busy: BusyTimes


Outcome = Renewed | NotFetched | None
"""None: it is what it was."""


def renew_calendars(policy: FetchPolicy, read_seconds: float) -> Due:
    async def renew_when_due(runtime: Runtime, key: Key) -> None:
        await renew(runtime, policy, read_seconds, key)

    return Due(BusyCalendar.next_fetch_at, renew_when_due, AT_ONCE)


async def renew(runtime: Runtime, policy: FetchPolicy, read_seconds: float, key: Key) -> None:
    turn = await in_transaction(runtime.sessions, partial(take, key, runtime.clock()))
    if turn is None:
        return
    outcome = await look(turn, policy, read_seconds, runtime.clock())
    fetches.labels(told(outcome)).inc()
    await in_transaction(runtime.sessions, partial(store, key, outcome, runtime.clock()))


async def take(key: Key, now: datetime, session: AsyncSession) -> Turn | None:
    """Of several workers who found it due, one gets it."""
    await enter_business(session, key[0])
    calendar = await session.scalar(
        select(BusyCalendar)
        .where(BusyCalendar.business_id == key[0], BusyCalendar.id == key[1])
        .where(BusyCalendar.next_fetch_at <= now)
        .with_for_update(skip_locked=True)
    )
    if calendar is None:
        return None
    person = await session.get(StaffMember, (key[0], calendar.staff_id))
    business = await session.get(Business, (key[0], key[0]))
    if person is None or person.archived_at:
        # Nobody could see or disconnect it any more, and its address is a secret.
        await keep_times(session, calendar, [], now)
        await session.delete(calendar)
        return None
    calendar.begin_try(now)
    if business is None:
        return None  # Its zone has not been heard of yet.
    zone = business.time_zone
    if not calendar.is_fresh(zone, now):
        return Turn(calendar.url, zone, None, None)
    marks = Fetched(None, calendar.etag, calendar.last_modified)
    return Turn(calendar.url, zone, calendar.digest, marks)


async def look(turn: Turn, policy: FetchPolicy, read_seconds: float, now: datetime) -> Outcome:
    try:
        fetched = await fetch(turn.url, policy, turn.known)
        if fetched.content is None:
            return None
        digest = digest_of(fetched.content)
        if digest == turn.digest:
            return None
        # By whole days, so that what has passed does not change the rest with every fetch.
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        window = today - BEHIND, today + AHEAD
        busy = await read_apart(fetched.content, turn.zone, *window, read_seconds)
        return Renewed(fetched, digest, turn.zone, busy)
    except NotFetched as failure:
        return failure


def told(outcome: Outcome) -> str:
    if isinstance(outcome, NotFetched):
        return outcome.failure
    return "changed" if outcome else "unchanged"


def digest_of(content: bytes) -> str:
    """Of what blocks: some servers stamp each event anew with every answer."""
    return hashlib.sha256(STAMP.sub(b"", content)).hexdigest()


async def store(key: Key, outcome: Outcome, now: datetime, session: AsyncSession) -> None:
    await enter_business(session, key[0])
    calendar = await session.get(BusyCalendar, key, with_for_update=True)
    if calendar is None:
        return  # Disconnected meanwhile.
    if isinstance(outcome, NotFetched):
        calendar.fail(outcome.failure, outcome.status, now)
        if calendar.has_been_lost(now):
            await keep_times(session, calendar, [], now)
            calendar.forget()
        return
    calendar.end_try(now)
    if outcome is not None:
        calendar.digest, calendar.read_at = outcome.digest, now
        calendar.read_in_zone = outcome.zone
        calendar.etag, calendar.last_modified = outcome.marks.etag, outcome.marks.last_modified
        calendar.known_until = outcome.busy.known_until
        calendar.unreadable = outcome.busy.unreadable
        await keep_times(session, calendar, outcome.busy.times, now)
