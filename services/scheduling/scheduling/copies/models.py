"""What scheduling needs to know of catalog's things; fed by events, never written otherwise."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import Index

from chassis.database import CaseFolded, OfBusiness
from scheduling.base import Base


class Business(OfBusiness, Base):
    __tablename__ = "businesses"

    version: Mapped[int]
    name: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str]
    locale: Mapped[str]


class Service(OfBusiness, Base):
    __tablename__ = "services"

    version: Mapped[int]
    name: Mapped[str]
    duration_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    slot_step_minutes: Mapped[int]
    price_cents: Mapped[int]
    staff_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    resource_kinds: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    """Absent where catalog has not told, as of copies from before anybody asked."""
    credit_cost: Mapped[int] = mapped_column(server_default="0")
    notice_minutes: Mapped[int]
    horizon_days: Mapped[int]
    cancellation_window_minutes: Mapped[int]
    requires_approval: Mapped[bool]
    questions: Mapped[list[dict[str, Any]]]
    deposit_cents: Mapped[int]
    deposit: Mapped[dict[str, Any] | None]
    archived_at: Mapped[datetime | None]


class StaffMember(OfBusiness, Base):
    """Its row is the lock on this person's time: whoever decides about it takes it first."""

    __tablename__ = "staff_members"

    version: Mapped[int]
    name: Mapped[str]
    daily_limit: Mapped[int | None]
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
    service_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    questions: Mapped[list[dict[str, Any]]]
    deposit: Mapped[dict[str, Any] | None]
    archived_at: Mapped[datetime | None]
