from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.appointments.models import Appointment
from scheduling.feeds.models import FeedEvent, rendered

WANTED = insert(FeedEvent)
KEEP = WANTED.on_conflict_do_update(
    index_elements=["business_id", "id"],
    set_={
        column: WANTED.excluded[column]
        for column in ("staff_id", "customer_id", "starts_at", "cancelled_at", "named", "busy")
    },
)


async def keep(session: AsyncSession, appointment: Appointment, now: datetime) -> None:
    """In the transaction of the change, so that no feed ever says what is not so."""
    await session.execute(KEEP, rendered(appointment, now))


async def hand_to(
    session: AsyncSession, business_id: UUID, ids: Collection[UUID], customer_id: UUID
) -> None:
    """The guest who booked these has become this customer."""
    await session.execute(
        update(FeedEvent)
        .where(FeedEvent.business_id == business_id, FeedEvent.id.in_(ids))
        .values(customer_id=customer_id)
    )
