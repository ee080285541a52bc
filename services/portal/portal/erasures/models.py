from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from portal.base import Base


class Erasure(OfBusiness, Base):
    """A client wants to be forgotten, and every service is asked to."""

    __tablename__ = "erasures"
    __table_args__ = (Index("one_erasure_a_customer", "business_id", "customer_id", unique=True),)

    customer_id: Mapped[UUID]
    customer_name: Mapped[str]
    email: Mapped[CaseFolded | None]
    """Both until it is completed: the last mail goes there."""
    locale: Mapped[str]
    requested_at: Mapped[datetime]
    awaiting: Mapped[list[str]] = mapped_column(ARRAY(String))
    """Services that have not answered yet."""
    completed_at: Mapped[datetime | None]
