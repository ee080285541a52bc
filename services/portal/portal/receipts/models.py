from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from portal.base import Base


class Receipt(OfBusiness, Base):
    """The record of a payment or refund, as whoever took the money has told of it."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_customer", "business_id", "customer_id", "issued_at", "id"),
        Index(
            "ix_receipts_guests",
            "business_id",
            "customer_email",
            postgresql_where=text("customer_id IS NULL AND customer_email IS NOT NULL"),
        ),
    )

    series: Mapped[str]
    number: Mapped[int]
    kind: Mapped[str]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    issued_at: Mapped[datetime]
    about: Mapped[str]
    """What was paid for."""
    starts_at: Mapped[datetime | None]
    """When that is, of a booking."""
    customer_id: Mapped[UUID | None]
    customer_email: Mapped[CaseFolded | None]
    customer_name: Mapped[str]
    booking_id: Mapped[UUID | None]
    package_id: Mapped[UUID | None]
    issuer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The business as it was when the receipt was heard of."""

    @property
    def label(self) -> str:
        """As people say its number."""
        number = f"{self.number:05d}"
        return f"{self.series}-{number}" if self.series else number
