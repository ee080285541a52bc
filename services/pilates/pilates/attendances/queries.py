from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.pages import read_page
from chassis.problems import NotFound
from pilates.attendances.models import Attendance
from pilates.attendances.schemas import AttendanceFilter
from pilates.class_sessions.models import ClassSession


async def find(
    session: AsyncSession, caller: Principal, session_id: UUID, wanted: AttendanceFilter
) -> tuple[list[Attendance], str | None]:
    """Of one session, the first to book first."""
    await read_session(session, caller, session_id)
    found = select(Attendance).where(
        Attendance.business_id == caller.business_id, Attendance.session_id == session_id
    )
    for name in ("status", "customer_id"):
        if (value := getattr(wanted, name)) is not None:
            found = found.where(getattr(Attendance, name) == value)
    return await read_page(session, found, (Attendance.booked_at, Attendance.id), wanted)


async def read(
    session: AsyncSession, caller: Principal, session_id: UUID, attendance_id: UUID
) -> Attendance:
    attendance = await session.get(Attendance, (caller.business_id, attendance_id))
    if attendance is None or attendance.session_id != session_id:
        raise NotFound
    return attendance


async def read_session(session: AsyncSession, caller: Principal, session_id: UUID) -> ClassSession:
    row = await session.get(ClassSession, (caller.business_id, session_id))
    if row is None:
        raise NotFound
    return row
