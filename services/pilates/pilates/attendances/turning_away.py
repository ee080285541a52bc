"""A look without lock spares those who come too late the line in front of it."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.attendances.models import Attendance
from pilates.attendances.problems import SessionFull
from pilates.class_sessions.counts import count
from pilates.class_sessions.models import ClassSession, Status


async def turn_away(session: AsyncSession, row: ClassSession, size: int, now: datetime) -> None:
    """Raises SessionFull. Whoever is let through is decided on under the lock all the same."""
    if row.status != Status.PUBLISHED or await booked(session, row, now) + size <= row.capacity:
        return
    counted = await count(session, row.business_id, [row], now)
    if size <= counted.free(row):
        return
    counts, room = counted.of[row.id], counted.effective_capacity(row)
    raise SessionFull(
        reasons=["under_offer" if counts.offered and counts.booked < room else "full"],
        capacity=row.capacity,
        effective_capacity=room,
        booked=counts.booked,
        offered=counts.offered,
        free=counted.free(row),
        waiting=counts.waiting,
    )


async def booked(session: AsyncSession, row: ClassSession, now: datetime) -> int:
    """All that most need to be told by: whoever finds room here goes on at once."""
    places = select(func.count()).where(
        Attendance.business_id == row.business_id,
        Attendance.session_id == row.id,
        Attendance.takes_place(now),
    )
    return await session.scalar(places) or 0
