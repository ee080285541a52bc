from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from contracts.pilates import Attendance
from contracts.scheduling import Appointment
from portal.base import Base

OPEN = ("pending", "confirmed", "booked")
"""What is still to come about; an appointment's words, and a place's."""


class Booking(OfBusiness, Base):
    """An appointment or a place in a class, as its owner has told of it last."""

    __tablename__ = "bookings"
    __table_args__ = (
        Index("ix_bookings_customer", "business_id", "customer_id", "starts_at", "id"),
        Index(
            "ix_bookings_guests",
            "business_id",
            "customer_email",
            postgresql_where=text("customer_id IS NULL AND customer_email IS NOT NULL"),
        ),
    )

    kind: Mapped[str]
    """`appointment` or `place`."""
    version: Mapped[int]
    status: Mapped[str]
    customer_id: Mapped[UUID | None]
    customer_email: Mapped[CaseFolded | None]
    """Of a guest, by which the customer is known who comes of it."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    service_id: Mapped[UUID | None]
    free_until: Mapped[datetime | None]
    """Of a place; an appointment's is by the service's window."""
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The owner's snapshot."""
    told_at: Mapped[datetime]
    ending: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Of a cancelled one: by whom, why, and what became of what was paid."""
    wish: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Whereto it shall be moved as soon as everything is had for it, or why it was not."""
    pay_url: Mapped[str | None]
    """Where the browser pays what is awaited."""
    pay_cents: Mapped[int | None]
    """What it pays there for a place, and for all that were booked with it."""

    @property
    def appointment(self) -> Appointment:
        return Appointment.model_validate(self.told)

    @property
    def attendance(self) -> Attendance:
        return Attendance.model_validate(self.told)
