from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from notifications.base import Base
from notifications.bookings.models import Booking


class Reminder(OfBusiness, Base):
    """One that is still to come; it goes when it is said, and all go with another start."""

    __tablename__ = "reminders"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "booking_id"],
            [Booking.business_id, Booking.id],
            ondelete="CASCADE",
        ),
        UniqueConstraint("business_id", "booking_id", "minutes_before", name="one_reminder_a_lead"),
        Index("ix_reminders_due_at", "due_at"),
    )

    booking_id: Mapped[UUID]
    minutes_before: Mapped[int]
    due_at: Mapped[datetime | None]
