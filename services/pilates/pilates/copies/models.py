"""What pilates needs to know of catalog's things; fed by events, never written otherwise."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from pilates.base import Base


class Business(Base):
    __tablename__ = "businesses"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    name: Mapped[str]
    time_zone: Mapped[str]
    """IANA name; expiry dates and series are meant in it."""
    currency: Mapped[str]
    locale: Mapped[str]


class Service(OfBusiness, Base):
    __tablename__ = "services"

    version: Mapped[int]
    name: Mapped[str]
    duration_minutes: Mapped[int]
    resource_kinds: Mapped[list[str]]
    credit_cost: Mapped[int]
    archived_at: Mapped[datetime | None]


class StaffMember(OfBusiness, Base):
    __tablename__ = "staff_members"

    version: Mapped[int]
    name: Mapped[str]
    archived_at: Mapped[datetime | None]


class Customer(OfBusiness, Base):
    __tablename__ = "customers"

    version: Mapped[int]
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    archived_at: Mapped[datetime | None]
