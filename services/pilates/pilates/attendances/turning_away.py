"""A look without lock spares those who come too late the line in front of it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from pilates.attendances.problems import SessionFull
from pilates.class_sessions.counts import count
from pilates.class_sessions.models import ClassSession, Status


async def turn_away(session: AsyncSession, row: ClassSession, size: int, now: datetime) -> None:
    """Raises SessionFull. Whoever is let through is decided on under the lock all the same."""
    if row.status != Status.PUBLISHED:
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
