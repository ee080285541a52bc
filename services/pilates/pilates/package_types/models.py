from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from pilates.base import Base


class ValidFrom(StrEnum):
    PURCHASE = "purchase"
    FIRST_USE = "first_use"


class PackageType(OfBusiness, Base):
    """What is sold."""

    __tablename__ = "package_types"
    __table_args__ = (CheckConstraint("credits > 0", name="has_credits"),)

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    description: Mapped[str]
    credits: Mapped[int]
    validity_days: Mapped[int | None]
    """Local days, the first one included; absent: it does not expire."""
    valid_from: Mapped[str]
    service_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """Services that it pays for; absent: all. Empty: none."""
    template_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """Class templates that it pays for; absent: every class, also one without template."""
    price_cents: Mapped[int]
    once_per_customer: Mapped[bool]
    archived_at: Mapped[datetime | None]

    def change(self, values: dict[str, Any]) -> None:
        """For later buyers: what was sold stays as it was sold."""
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
