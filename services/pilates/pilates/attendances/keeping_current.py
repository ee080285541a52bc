"""What the clock alone has changed is written before anything is decided on a session.

So no decision waits for a sweep: the worker only makes sure that it does not stay unwritten.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import PlaceCancelled
from pilates.attendances.announcing import announce
from pilates.attendances.holding import HeldSession
from pilates.attendances.models import Attendance
from pilates.attendances.reseating import reseat
from pilates.class_sessions.announcing import show_numbers
from pilates.drop_ins.settling import settle_drop_in
from pilates.waitlist.announcing import leave
from pilates.waitlist.models import Status as WaitlistStatus
from pilates.waitlist.promoting import promote


async def bring_up_to_date(session: AsyncSession, held: HeldSession, now: datetime) -> None:
    """Unpaid places are let go, offers lapse, free spots and places go to whoever is next."""
    for attendance in [one for one in held.attendances if one.is_unpaid(now)]:
        await let_go(session, held, attendance, now)
    for entry in [one for one in held.queue if one.status == WaitlistStatus.OFFERED]:
        assert entry.offer_expires_at is not None
        if now >= entry.offer_expires_at:
            leave(session, held, entry, WaitlistStatus.LAPSED, now)
    if now >= held.row.starts_at:
        for entry in list(held.queue):
            leave(session, held, entry, WaitlistStatus.OVER, now)
    await reseat(session, held, now)
    await promote(session, held, now)


async def let_go(
    session: AsyncSession, held: HeldSession, attendance: Attendance, now: datetime
) -> None:
    """Its drop-in was not paid in time."""
    attendance.release(now, None)
    await settle_drop_in(session, attendance, now, late=False)
    held.attendances.remove(attendance)
    held.touched = True
    await session.flush()
    await announce(
        session,
        attendance,
        held.row,
        held.business,
        PlaceCancelled,
        now,
        cancelled_by="business",
        cause="drop_in_not_paid",
    )


def finish(session: AsyncSession, held: HeldSession, now: datetime) -> None:
    """Whoever has a calendar open sees once what has become of the session."""
    if held.touched:
        show_numbers(
            session,
            held.row,
            booked=sum(not one.is_unpaid(now) for one in held.attendances),
            waiting=len(held.queue),
            machines=held.machines_in_service,
            now=now,
        )
