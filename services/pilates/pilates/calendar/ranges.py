from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from contracts.pilates import PilatesRangeChanged
from pilates.class_sessions.models import ClassSession


def have_read_again(
    session: AsyncSession, sessions: Collection[ClassSession], now: datetime
) -> None:
    """Open calendars, where many sessions have other numbers at once, as by a machine's outage."""
    if sessions:
        publish_on_commit(
            session,
            PilatesRangeChanged(
                occurred_at=now,
                business_id=next(iter(sessions)).business_id,
                begins=min(one.starts_at for one in sessions),
                ends=max(one.ends_at for one in sessions),
            ),
        )
