from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import read_page
from chassis.problems import NotFound
from contracts.moments import begin_of, end_of
from contracts.pilates import (
    CountFuturePlaces,
    FuturePlaces,
    ReadSessionHold,
    SessionHoldState,
)
from pilates.attendances.models import Attendance
from pilates.attendances.models import Status as AttendanceStatus
from pilates.attendances.session_changes import Consequences
from pilates.class_sessions.counts import count
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.proposal import shown as proposed
from pilates.class_sessions.schemas import ConsequencesView, SessionFilter, SessionView
from pilates.waitlist.models import QUEUED, WaitlistEntry


async def read(session: AsyncSession, business_id: UUID, session_id: UUID) -> ClassSession:
    row = await session.get(ClassSession, (business_id, session_id))
    if row is None:
        raise NotFound
    return row


async def find(
    session: AsyncSession, business_id: UUID, zone: str, wanted: SessionFilter
) -> tuple[list[ClassSession], str | None]:
    found = select(ClassSession).where(ClassSession.business_id == business_id)
    for name in ("template_id", "series_id", "instructor_id", "room_id", "status"):
        if (value := getattr(wanted, name)) is not None:
            found = found.where(getattr(ClassSession, name) == value)
    if wanted.begins is not None:
        found = found.where(ClassSession.ends_at > begin_of(wanted.begins, zone))
    if wanted.ends is not None:
        found = found.where(ClassSession.starts_at < end_of(wanted.ends, zone))
    return await read_page(session, found, (ClassSession.starts_at, ClassSession.id), wanted)


async def views(
    session: AsyncSession, business_id: UUID, rows: list[ClassSession], now: datetime
) -> list[SessionView]:
    counted = await count(session, business_id, rows, now)
    return [
        SessionView.model_validate(
            {name: getattr(row, name, None) for name in SessionView.model_fields}
            | {name: getattr(counted.of[row.id], name) for name in ("booked", "offered", "waiting")}
            | {"effective_capacity": counted.effective_capacity(row), "free": counted.free(row)}
            | {"proposed": proposed(row) if row.status == Status.PUBLISHED else None}
        )
        for row in rows
    ]


async def view(
    session: AsyncSession,
    row: ClassSession,
    now: datetime,
    consequences: Consequences | None = None,
) -> SessionView:
    [seen] = await views(session, row.business_id, [row], now)
    if consequences is not None:
        seen.consequences = ConsequencesView.model_validate(consequences)
    return seen


async def count_future(session: AsyncSession, asked: CountFuturePlaces) -> FuturePlaces:
    """Sessions that somebody teaches; places that somebody has or waits for."""
    if asked.noun == "staff_member":
        return FuturePlaces(count=await count_taught(session, asked))
    if asked.noun == "customer":
        return FuturePlaces(count=await count_places_of(session, asked))
    return FuturePlaces(count=0)


async def count_taught(session: AsyncSession, asked: CountFuturePlaces) -> int:
    proposed = ClassSession.proposed["change"]["instructor_id"].as_string() == str(asked.id)
    taught = select(func.count()).where(
        ClassSession.business_id == asked.business_id,
        or_(ClassSession.instructor_id == asked.id, proposed),
        ClassSession.status.in_((Status.PENDING, Status.PUBLISHED)),
        ClassSession.ends_at > asked.at,
    )
    return await session.scalar(taught) or 0


async def count_places_of(session: AsyncSession, asked: CountFuturePlaces) -> int:
    places = select(func.count()).where(
        Attendance.business_id == asked.business_id,
        Attendance.customer_id == asked.id,
        Attendance.status == AttendanceStatus.BOOKED,
        Attendance.ends_at > asked.at,
    )
    waiting = select(func.count()).where(
        WaitlistEntry.business_id == asked.business_id,
        WaitlistEntry.customer_id == asked.id,
        WaitlistEntry.status.in_(QUEUED),
    )
    counts = select(places.scalar_subquery() + waiting.scalar_subquery())
    return await session.scalar(counts) or 0


async def read_hold(session: AsyncSession, asked: ReadSessionHold) -> SessionHoldState:
    """Which hold stands: of what was never here, or was cancelled, none does."""
    row = await session.get(ClassSession, (asked.business_id, asked.session_id))
    if row is None or row.status in (Status.DRAFT, Status.CANCELLED):
        return SessionHoldState(hold_version=0, pending_version=None)
    return SessionHoldState(hold_version=row.hold_version, pending_version=row.proposed_version)
