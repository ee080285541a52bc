from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.base import Base
from chassis.database import OfBusiness
from contracts.catalog import BookingPage as BookingPageSnapshot
from contracts.catalog import BookingPageChanged


class BookingPage(OfBusiness, Base):
    __tablename__ = "booking_pages"
    __table_args__ = (
        Index("one_page_a_slug", "slug", unique=True, postgresql_where=text("archived_at IS NULL")),
    )

    version: Mapped[int] = mapped_column(default=1)
    slug: Mapped[str]
    title: Mapped[str]
    published: Mapped[bool]
    configuration: Mapped[dict[str, Any]]
    """A `PageConfiguration`."""
    archived_at: Mapped[datetime | None]

    @property
    def service_ids(self) -> list[UUID]:
        return [UUID(id_) for id_ in self.configuration["service_ids"]]

    @property
    def class_ids(self) -> list[UUID]:
        """Pilates's to know; of an id that is none of its templates nothing is shown."""
        return [UUID(id_) for id_ in self.configuration["class_ids"]]

    @property
    def questions(self) -> list[dict[str, Any]]:
        questions: list[dict[str, Any]] = self.configuration["questions"]
        return questions

    @property
    def deposit(self) -> dict[str, Any] | None:
        """A `DepositPolicy` that stands above the services' own."""
        policy: dict[str, Any] | None = self.configuration["deposit"]
        return policy

    def change(self, values: dict[str, Any], now: datetime) -> BookingPageChanged:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        return self.changed(now)

    def archive(self, now: datetime) -> BookingPageChanged:
        """Out of sight, and the slug is free again."""
        return self.change({"archived_at": now}, now)

    def changed(self, now: datetime) -> BookingPageChanged:
        return BookingPageChanged(
            occurred_at=now,
            business_id=self.business_id,
            booking_page=BookingPageSnapshot.model_validate(self),
        )
