from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.attendances.holding import queue_of
from pilates.class_sessions.models import ClassSession
from pilates.waitlist.models import WaitlistEntry
from pilates.waitlist.schemas import WaitlistEntryView


async def queue_views(
    session: AsyncSession, row: ClassSession, now: datetime
) -> list[WaitlistEntryView]:
    """As the clock has it: an offer that is over is no longer in the queue."""
    seen: list[WaitlistEntryView] = []
    for entry in await queue_of(session, row):
        if entry.offer_expires_at is not None and now >= entry.offer_expires_at:
            continue
        view = WaitlistEntryView.model_validate(entry)
        view.position = len(seen) + 1
        seen.append(view)
    return seen


async def over_views(session: AsyncSession, row: ClassSession) -> list[WaitlistEntryView]:
    """Those who are out of the queue, the last one first."""
    found = await session.scalars(
        select(WaitlistEntry)
        .where(
            WaitlistEntry.business_id == row.business_id,
            WaitlistEntry.session_id == row.id,
            WaitlistEntry.ended_at.is_not(None),
        )
        .order_by(WaitlistEntry.ended_at.desc(), WaitlistEntry.id)
        .limit(200)
    )
    return [WaitlistEntryView.model_validate(entry) for entry in found]


async def entry_of_customer(
    session: AsyncSession, row: ClassSession, customer_id: UUID
) -> WaitlistEntry | None:
    queue = await queue_of(session, row)
    return next((entry for entry in queue if entry.customer_id == customer_id), None)
