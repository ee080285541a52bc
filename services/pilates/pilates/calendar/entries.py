from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, literal, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calendar import CalendarEntry
from pilates.attendances.models import Attendance
from pilates.class_sessions.models import ClassSession, Status
from pilates.resources.models import Category, Outage, Reservation, Resource
from pilates.waitlist.models import QUEUED, WaitlistEntry


async def entry_of(
    session: AsyncSession, class_session: ClassSession, now: datetime
) -> CalendarEntry:
    """As `queries.ENTRIES` renders it."""
    booked = select(func.count()).where(
        Attendance.business_id == class_session.business_id,
        Attendance.session_id == class_session.id,
        Attendance.takes_place(now),
    )
    waiting = select(func.count()).where(
        WaitlistEntry.business_id == class_session.business_id,
        WaitlistEntry.session_id == class_session.id,
        WaitlistEntry.status.in_(QUEUED),
    )
    counts = select(booked.scalar_subquery(), waiting.scalar_subquery(), usable(class_session))
    taken, queued, machines = (await session.execute(counts)).one()
    return entry(class_session, booked=taken, waiting=queued, machines=machines)


def entry(
    class_session: ClassSession, *, booked: int, waiting: int, machines: int | None
) -> CalendarEntry:
    """`machines`: how many are in service; None where it needs or holds none."""
    capacity = class_session.capacity
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
        booked=booked,
        capacity=capacity if machines is None else min(capacity, machines),
        waiting=waiting,
        version=class_session.entry_version,
    )


def usable(class_session: ClassSession) -> ColumnElement[int | None]:
    """How many of its machines are in service; NULL where it needs or holds none."""
    is_cancelled = class_session.status == Status.CANCELLED
    if class_session.spot_kind is None or not class_session.hold_version or is_cancelled:
        return literal(None)
    during = Range(class_session.starts_at, class_session.ends_at)
    is_out = exists().where(
        Outage.business_id == Resource.business_id,
        Outage.resource_id == Resource.id,
        Outage.during.overlaps(during),
    )
    found: Select[int] = (
        select(func.count())
        .select_from(Reservation)
        .join(
            Resource,
            (Resource.business_id == Reservation.business_id)
            & (Resource.id == Reservation.resource_id),
        )
        .where(
            Reservation.business_id == class_session.business_id,
            Reservation.owner_id == class_session.id,
            Reservation.hold_version == class_session.hold_version,
            Resource.category == Category.MACHINE,
            Resource.kind == class_session.spot_kind,
            ~is_out,
        )
    )
    return found.scalar_subquery()
