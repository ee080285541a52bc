"""What pilates needs to know of catalog's things; fed by events, never written otherwise."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Uuid, text
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
    cancellation_window_minutes: Mapped[int] = mapped_column(server_default="1440")
    archived_at: Mapped[datetime | None]


class StaffMember(OfBusiness, Base):
    __tablename__ = "staff_members"

    version: Mapped[int]
    name: Mapped[str]
    archived_at: Mapped[datetime | None]


class Customer(OfBusiness, Base):
    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_business_id_email", "business_id", "email"),)

    version: Mapped[int]
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    phone: Mapped[str | None]
    archived_at: Mapped[datetime | None]


class BookingPage(OfBusiness, Base):
    __tablename__ = "booking_pages"
    __table_args__ = (
        Index("one_page_a_slug", "slug", unique=True, postgresql_where=text("archived_at IS NULL")),
    )

    version: Mapped[int]
    slug: Mapped[str]
    published: Mapped[bool]
    class_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """Class templates whose sessions it shows."""
    archived_at: Mapped[datetime | None]
