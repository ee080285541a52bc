"""What the others hear of a session; every change of one ends here."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.outbox import publish_on_commit
from contracts.calendar import CalendarEntry
from contracts.pilates import ClassSession as SessionSnapshot
from contracts.pilates import ClassSessionEvent, PilatesEntryChanged
from pilates.calendar.entries import entry, entry_of
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.feeds import commands as feeds

Fact = TypeVar("Fact", bound=ClassSessionEvent)


async def announce(
    session: AsyncSession,
    class_session: ClassSession,
    business: Business,
    fact_type: type[Fact],
    now: datetime,
    **members: Any,
) -> Fact:
    """To listeners as a fact; to open calendars and feeds as it is now."""
    fact = fact_type(
        occurred_at=now,
        business_id=business.business_id,
        session=snapshot(class_session, business),
        **members,
    )
    await feeds.keep_session(session, class_session, now)
    await show(session, class_session, now)
    publish_on_commit(session, fact)
    return fact


async def show(session: AsyncSession, class_session: ClassSession, now: datetime) -> None:
    """To open calendars."""
    class_session.entry_version += 1
    tell(session, class_session, await entry_of(session, class_session, now), now)


def show_numbers(
    session: AsyncSession,
    class_session: ClassSession,
    *,
    booked: int,
    waiting: int,
    machines: int | None,
    now: datetime,
) -> None:
    """Where nothing else has changed, and whoever decided has counted already."""
    class_session.entry_version += 1
    shown = entry(class_session, booked=booked, waiting=waiting, machines=machines)
    tell(session, class_session, shown, now)


def tell(
    session: AsyncSession, class_session: ClassSession, shown: CalendarEntry, now: datetime
) -> None:
    publish_on_commit(
        session,
        PilatesEntryChanged(occurred_at=now, business_id=class_session.business_id, entry=shown),
    )


def snapshot(class_session: ClassSession, business: Business) -> SessionSnapshot:
    """All that a mail or a feed says, so that no listener has to ask back."""
    own = {
        name: getattr(class_session, name)
        for name in SessionSnapshot.model_fields
        if hasattr(class_session, name)
    }
    return SessionSnapshot(
        **own,
        currency=business.currency,
        business_name=business.name,
        time_zone=business.time_zone,
        locale=business.locale,
    )


def about(class_session: ClassSession, business: Business) -> str:
    """The class and its local date, as a ledger tells it."""
    day = local_date(class_session.starts_at, business.time_zone)
    return f"{class_session.name}, {day.isoformat()}"
