from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from chassis.database import CaseFolded, OfBusiness
from notifications.base import Base


class Bounce(OfBusiness, Base):
    """A mail server has refused this address for good, and none has taken a mail for it since."""

    __tablename__ = "bounces"
    __table_args__ = (
        UniqueConstraint("business_id", "email", name="one_bounce_an_address"),
        Index("ix_bounces_tell_at", "tell_at"),
    )

    email: Mapped[CaseFolded]
    customer_id: Mapped[UUID | None]
    message_id: Mapped[UUID]
    reason: Mapped[str]
    at: Mapped[datetime]
    tell_at: Mapped[datetime | None]
    """Until the others have been told."""
