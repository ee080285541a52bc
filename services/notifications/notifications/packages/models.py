from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from notifications.base import Base


class Package(OfBusiness, Base):
    """What a package held when we last heard of it, to notice when it becomes low."""

    __tablename__ = "packages"
    __table_args__ = (Index("ix_packages_customer_id", "business_id", "customer_id"),)

    version: Mapped[int]
    customer_id: Mapped[UUID]
    balance: Mapped[int]
