"""Appointments that feeds do not know yet: booked before there were feeds, or by older code."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.feed_pages import PAST_DAYS
from chassis.database import enter_business, in_transaction
from chassis.runtime import Runtime
from scheduling.appointments.models import Appointment
from scheduling.copies.queries import every_business
from scheduling.feeds.models import FeedEvent, rendered

BATCH = 500
HOUR_SECONDS = 3600


async def complete_feeds(runtime: Runtime) -> None:
    while True:
        for business_id in await in_transaction(runtime.sessions, every_business):
            work = partial(render_missing, business_id, runtime.clock())
            while await in_transaction(runtime.sessions, work) == BATCH:
                pass
        await asyncio.sleep(HOUR_SECONDS)


async def render_missing(business_id: UUID, now: datetime, session: AsyncSession) -> int:
    await enter_business(session, business_id)
    known = (FeedEvent.business_id == Appointment.business_id) & (FeedEvent.id == Appointment.id)
    missing = await session.scalars(
        select(Appointment)
        .outerjoin(FeedEvent, known)
        .where(
            Appointment.business_id == business_id,
            Appointment.starts_at >= now - timedelta(days=PAST_DAYS),
            FeedEvent.id.is_(None),
            # What is not settled yet may vanish; settled, it brings its own text.
            Appointment.settle_at.is_(None),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(BATCH)
    )
    rows = [rendered(found, found.cancelled_at or found.booked_at) for found in missing]
    if rows:
        # What changes at this moment brings its own text, which is newer.
        await session.execute(insert(FeedEvent).values(rows).on_conflict_do_nothing())
    return len(rows)
