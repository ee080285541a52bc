from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from chassis.database import CaseFolded, OfBusiness
from notifications.base import Base

Noun = Literal["appointment", "place", "class_session"]


class Booking(OfBusiness, Base):
    """The newest that we have heard of an appointment, a place or a class: for what is said when
    nothing happens, reminders and agendas. Forgotten some weeks after its end."""

    __tablename__ = "bookings"
    __table_args__ = (
        Index("ix_bookings_starts_at", "business_id", "starts_at"),
        Index("ix_bookings_session_id", "business_id", "session_id"),
        Index("ix_bookings_customer_id", "business_id", "customer_id"),
        Index("ix_bookings_forget_at", "forget_at"),
    )

    version: Mapped[int]
    noun: Mapped[str]
    status: Mapped[str]
    firm: Mapped[bool]
    """It takes place as far as anybody knows: neither cancelled, nor waiting for something."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[str]
    staff_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    """Of a place."""
    email: Mapped[CaseFolded | None]
    """Whom to remind; nobody is reminded of a class session."""
    notify: Mapped[bool]
    """False of what was never to be spoken of."""
    told: Mapped[dict[str, Any]]
    """The snapshot."""
    forget_at: Mapped[datetime | None]
