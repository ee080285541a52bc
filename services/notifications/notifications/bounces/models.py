from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from notifications.base import Base


class Bounce(OfBusiness, Base):
    """This address was refused for good. At once, it is so until some server takes a mail for it;
    by a report, whose servers take every mail first, until one is taken a month later."""

    __tablename__ = "bounces"
    __table_args__ = (
        UniqueConstraint("business_id", "email", name="one_bounce_an_address"),
        Index("ix_bounces_tell_at", "tell_at"),
    )

    email: Mapped[CaseFolded]
    customer_id: Mapped[UUID | None]
    message_id: Mapped[UUID]
    reason: Mapped[str]
    reported: Mapped[bool] = mapped_column(server_default="false")
    """By a delivery status notification, after the mail was taken."""
    at: Mapped[datetime]
    tell_at: Mapped[datetime | None]
    """Until the others have been told."""
