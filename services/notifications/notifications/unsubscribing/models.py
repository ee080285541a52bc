from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from chassis.database import CaseFolded, OfBusiness
from notifications.base import Base


class Unsubscription(OfBusiness, Base):
    """This address does not want mails of this topic from this business."""

    __tablename__ = "unsubscriptions"
    __table_args__ = (UniqueConstraint("business_id", "email", "topic", name="unsubscribed_once"),)

    email: Mapped[CaseFolded]
    topic: Mapped[str]
    at: Mapped[datetime]
