"""What portal needs to know of catalog's things; fed by events, never written otherwise."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from portal.base import Base


class Business(Base):
    __tablename__ = "businesses"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    slug: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str]
    """IANA name; times are shown in it."""
    locale: Mapped[str]


class Customer(OfBusiness, Base):
    __tablename__ = "customers"

    version: Mapped[int]
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    phone: Mapped[str | None]
    locale: Mapped[str | None]
    archived_at: Mapped[datetime | None]
