"""What portal needs to know of catalog's things; fed by events, never written otherwise."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from portal.base import Base


class Business(Base):
    __tablename__ = "businesses"
    __table_args__ = (Index("ix_businesses_slug", "slug"),)

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    slug: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str]
    """IANA name; times are shown in it."""
    locale: Mapped[str]
    currency: Mapped[str | None]
    email: Mapped[str | None]
    billing: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What receipts say of it: legal name, address, tax number."""


class Customer(OfBusiness, Base):
    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_business_id_email", "business_id", "email"),)

    version: Mapped[int]
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    phone: Mapped[str | None]
    locale: Mapped[str | None]
    archived_at: Mapped[datetime | None]


class Service(OfBusiness, Base):
    __tablename__ = "services"

    version: Mapped[int]
    cancellation_window_minutes: Mapped[int]
    archived_at: Mapped[datetime | None]
