"""What the others hear of a place; every change of one ends here."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from contracts.pilates import Attendance as AttendanceSnapshot
from contracts.pilates import PlaceEvent
from pilates.attendances.models import Attendance
from pilates.class_sessions.announcing import snapshot as session_snapshot
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.feeds import commands as feeds

Fact = TypeVar("Fact", bound=PlaceEvent)


async def announce(
    session: AsyncSession,
    attendance: Attendance,
    class_session: ClassSession,
    business: Business,
    fact_type: type[Fact],
    now: datetime,
    **members: Any,
) -> Fact:
    """To listeners and feeds; whoever changed places shows their session to open calendars once."""
    fact = fact_type(
        occurred_at=now,
        business_id=business.business_id,
        attendance=snapshot(attendance, class_session, business),
        **members,
    )
    await feeds.keep_place(session, attendance, class_session, now)
    publish_on_commit(session, fact)
    return fact


def snapshot(
    attendance: Attendance, class_session: ClassSession, business: Business
) -> AttendanceSnapshot:
    own = {
        name: getattr(attendance, name)
        for name in AttendanceSnapshot.model_fields
        if hasattr(attendance, name)
    }
    return AttendanceSnapshot(
        **own,
        session=session_snapshot(class_session, business),
        free_until=free_until(attendance, class_session),
    )


def free_until(attendance: Attendance, class_session: ClassSession) -> datetime:
    """Until then, inclusive, cancelling costs nothing."""
    window = timedelta(minutes=class_session.late_cancel_window_minutes)
    in_time = class_session.starts_at - window
    return max(in_time, attendance.decline_until or in_time)
