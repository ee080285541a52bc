from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.base import Base
from contracts.catalog import Business as BusinessSnapshot
from contracts.catalog import BusinessChanged


class Business(Base):
    __tablename__ = "businesses"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(default=1)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str]
    locale: Mapped[str]
    email: Mapped[str | None]
    opening_hours: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    billing: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]

    def change(self, values: dict[str, Any], now: datetime) -> BusinessChanged:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        return self.changed(now)

    def changed(self, now: datetime) -> BusinessChanged:
        return BusinessChanged(
            occurred_at=now,
            business_id=self.id,
            business=BusinessSnapshot.model_validate(self),
        )
