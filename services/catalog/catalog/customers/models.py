from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.base import Base
from chassis.database import CaseFolded, OfBusiness
from contracts.catalog import Customer as CustomerSnapshot
from contracts.catalog import CustomerChanged

PRESENT = text("archived_at IS NULL")


class Customer(OfBusiness, Base):
    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "one_customer_an_email",
            "business_id",
            "email",
            unique=True,
            postgresql_where=PRESENT,
        ),
        Index("ix_customers_business_id_name_id", "business_id", "name", "id"),
    )

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    phone: Mapped[str | None]
    """E.164."""
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    """Where they live, as far as they have told."""
    contact_preferences: Mapped[dict[str, Any]]
    tags: Mapped[list[str]]
    notes: Mapped[str] = mapped_column(default="")
    """Only for members with `VIEW_CUSTOMER_NOTES`; in no event and no audit entry."""
    archived_at: Mapped[datetime | None]

    def change(self, values: dict[str, Any], now: datetime) -> CustomerChanged:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        return self.changed(now)

    def archive(self, now: datetime) -> CustomerChanged:
        """Out of sight, and the e-mail is free again; past bookings keep pointing here."""
        return self.change({"archived_at": now}, now)

    def changed(self, now: datetime) -> CustomerChanged:
        return CustomerChanged(
            occurred_at=now,
            business_id=self.business_id,
            customer=CustomerSnapshot.model_validate(self),
        )
