from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from pilates.base import Base
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Customer


class Status(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    PROMOTED = "promoted"
    LEFT = "left"
    DECLINED = "declined"
    LAPSED = "lapsed"
    OVER = "over"


QUEUED = (Status.WAITING, Status.OFFERED)
IS_QUEUED = text("status IN ('waiting', 'offered')")


class WaitlistEntry(OfBusiness, Base):
    """A customer's place in the queue of a full session."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "session_id"], [ClassSession.business_id, ClassSession.id]
        ),
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        Index(
            "one_entry_a_person",
            "business_id",
            "session_id",
            "person",
            unique=True,
            postgresql_where=IS_QUEUED,
        ),
        Index("ix_waitlist_entries_session", "business_id", "session_id", "rank"),
        Index("ix_waitlist_entries_customer", "business_id", "customer_id"),
        Index(
            "ix_waitlist_entries_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str]
    session_id: Mapped[UUID]
    person: Mapped[str]
    """As of an attendance."""
    customer_id: Mapped[UUID | None]
    customer_name: Mapped[str]
    customer_email: Mapped[CaseFolded | None]
    customer_phone: Mapped[str | None]
    customer_time_zone: Mapped[str | None]
    party_size: Mapped[int]
    pays_with: Mapped[str]
    """As an attendance. Who pays a drop-in is offered a place, and never promoted."""
    rank: Mapped[int] = mapped_column(BigInteger)
    """The lowest is next."""
    joined_at: Mapped[datetime]
    offer_expires_at: Mapped[datetime | None]
    """Its place is kept until then; gone iff `now >= offer_expires_at`."""
    skip_reason: Mapped[str | None]
    skipped_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    """When the worker looks at it again: an offer lapses, a queue is over."""
    ended_at: Mapped[datetime | None]
