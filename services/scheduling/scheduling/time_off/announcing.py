from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.occurrences import Recurrence
from chassis.outbox import publish_on_commit
from contracts.calendar import SchedulingRangeChanged
from scheduling.copies.models import Business

ONE_YEAR = timedelta(days=366)


def announce(
    session: AsyncSession,
    business: Business,
    staff_id: UUID | None,
    touched: Iterable[Recurrence],
    now: datetime,
) -> None:
    """To open calendars, as one range; of what never ends, a year from now on."""
    spans = [span(series, business.time_zone, now) for series in touched]
    publish_on_commit(
        session,
        SchedulingRangeChanged(
            occurred_at=now,
            business_id=business.id,
            begins=min(begins for begins, _ in spans),
            ends=max(ends for _, ends in spans),
            staff_id=staff_id,
        ),
    )


def span(series: Recurrence, zone: str, now: datetime) -> tuple[datetime, datetime]:
    local = ZoneInfo(zone)
    begins = series.starts_at.replace(tzinfo=local)
    latest = max(begins, now) + ONE_YEAR
    if series.rule is None:
        return begins, series.ends_at.replace(tzinfo=local)
    ends = series.over_at.replace(tzinfo=local) if series.over_at else latest
    return begins, min(ends, latest)
