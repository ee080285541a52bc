from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from contracts.pilates import WaitlistEntry as EntrySnapshot
from portal.base import Base

QUEUED = ("waiting", "offered")


class WaitlistEntry(OfBusiness, Base):
    """A place in the queue of a full class, as pilates has told of it last."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        Index("ix_waitlist_entries_customer", "business_id", "customer_id", "starts_at", "id"),
        Index(
            "ix_waitlist_entries_guests",
            "business_id",
            "customer_email",
            postgresql_where=text("customer_id IS NULL AND customer_email IS NOT NULL"),
        ),
    )

    version: Mapped[int]
    status: Mapped[str]
    customer_id: Mapped[UUID | None]
    customer_email: Mapped[CaseFolded | None]
    starts_at: Mapped[datetime]
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Pilates' snapshot."""

    @property
    def entry(self) -> EntrySnapshot:
        return EntrySnapshot.model_validate(self.told)
