from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calendar import CalendarEntry
from pilates.attendances.models import Attendance
from pilates.attendances.models import Status as AttendanceStatus
from pilates.class_sessions.models import ClassSession
from pilates.waitlist.models import Status as WaitlistStatus
from pilates.waitlist.models import WaitlistEntry

TAKEN = (AttendanceStatus.BOOKED, AttendanceStatus.ATTENDED, AttendanceStatus.NO_SHOW)
QUEUED = (WaitlistStatus.WAITING, WaitlistStatus.OFFERED)


async def entry_of(
    session: AsyncSession, class_session: ClassSession, now: datetime
) -> CalendarEntry:
    """As somebody sees it who may see all of it."""
    booked = select(func.count()).where(
        Attendance.business_id == class_session.business_id,
        Attendance.session_id == class_session.id,
        Attendance.status.in_(TAKEN),
        or_(Attendance.pay_by.is_(None), Attendance.pay_by > now),
    )
    waiting = select(func.count()).where(
        WaitlistEntry.business_id == class_session.business_id,
        WaitlistEntry.session_id == class_session.id,
        WaitlistEntry.status.in_(QUEUED),
    )
    counts = select(booked.scalar_subquery(), waiting.scalar_subquery())
    taken, queued = (await session.execute(counts)).one()
    return CalendarEntry(
        source="pilates",
        kind="class_session",
        id=class_session.id,
        title=class_session.name,
        starts_at=class_session.starts_at,
        ends_at=class_session.ends_at,
        status=class_session.status,
        staff_id=class_session.instructor_id,
        resource_id=class_session.room_id,
        booked=taken,
        capacity=class_session.capacity,
        waiting=queued,
        version=class_session.version,
    )
