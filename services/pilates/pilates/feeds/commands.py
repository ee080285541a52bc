from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.attendances.models import Attendance
from pilates.class_sessions.models import ClassSession
from pilates.feeds.models import FeedEvent, rendered_place, rendered_session

WANTED = insert(FeedEvent)
# Nothing that waits to be written is asked for here: all of it goes at the commit, together.
KEEP = WANTED.execution_options(autoflush=False).on_conflict_do_update(
    index_elements=["business_id", "id"],
    set_={
        column: WANTED.excluded[column]
        for column in (
            *("staff_id", "room_id", "customer_id", "starts_at", "cancelled_at"),
            *("named", "busy"),
        )
    },
)


async def keep_session(session: AsyncSession, class_session: ClassSession, now: datetime) -> None:
    """In the transaction of the change, so that no feed ever says what is not so.

    What was never published is in no feed.
    """
    if class_session.published_at is not None:
        await session.execute(KEEP, rendered_session(class_session, now))


async def keep_place(
    session: AsyncSession, attendance: Attendance, class_session: ClassSession, now: datetime
) -> None:
    await session.execute(KEEP, rendered_place(attendance, class_session, now))


async def hand_to(
    session: AsyncSession, business_id: UUID, ids: Collection[UUID], customer_id: UUID
) -> None:
    """The guest who booked these places has become this customer."""
    await session.execute(
        update(FeedEvent)
        .where(FeedEvent.business_id == business_id, FeedEvent.id.in_(ids))
        .values(customer_id=customer_id)
    )
