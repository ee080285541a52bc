from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from portal.base import Base
from portal.copies.models import Customer


class ClientFeed(OfBusiness, Base):
    """A secret address at which a calendar app finds one client's bookings."""

    __tablename__ = "client_feeds"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        Index("one_feed_a_customer", "business_id", "customer_id", unique=True),
    )

    customer_id: Mapped[UUID]
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
