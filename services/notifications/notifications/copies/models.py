"""What mails need to know of catalog's things; fed by events, never written otherwise."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from notifications.base import Base


class Business(Base):
    __tablename__ = "businesses"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    slug: Mapped[str | None]
    """Of its portal; absent where no event has told it since we keep it."""
    name: Mapped[str]
    time_zone: Mapped[str]
    locale: Mapped[str]
    email: Mapped[str | None]
    """Where answers to our mails go, unless its settings say otherwise."""


class Customer(OfBusiness, Base):
    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_email", "business_id", "email"),)

    version: Mapped[int]
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    contact_preferences: Mapped[dict[str, Any] | None]
    archived_at: Mapped[datetime | None]

    @property
    def wants_mails(self) -> bool:
        """Those that are sent to who wants them; what is about a booking always is."""
        return bool((self.contact_preferences or {}).get("email", True))


class StaffMember(OfBusiness, Base):
    __tablename__ = "staff_members"

    version: Mapped[int]
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    status: Mapped[str]
    archived_at: Mapped[datetime | None]
