"""Each handler applies each event once, however often the broker delivers it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import Base


class InboxEntry(Base):
    __tablename__ = "inbox"

    handler: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DeadEvent(Base):
    """An event that a handler could not apply on its last try."""

    __tablename__ = "dead_events"

    handler: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str]
    body: Mapped[str]
    error: Mapped[str]
    """Type and place of the failure, never its message: that may hold personal data."""
    died_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def first_delivery(session: AsyncSession, handler: str, event_id: UUID) -> bool:
    """Claim the event for this handler, in the transaction that will hold its effects."""
    claim = insert(InboxEntry).values(handler=handler, event_id=event_id)
    first = claim.on_conflict_do_nothing().returning(InboxEntry.event_id)
    return await session.scalar(first) is not None
