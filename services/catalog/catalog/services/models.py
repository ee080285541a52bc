from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.base import Base
from catalog.staff.models import StaffMember
from chassis.database import OfBusiness
from contracts.catalog import Service as ServiceSnapshot
from contracts.catalog import ServiceChanged


class Service(OfBusiness, Base):
    __tablename__ = "services"
    __table_args__ = (
        Index(
            "one_service_a_name",
            "business_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        CheckConstraint(
            "deposit_kind IN ('pay_later', 'fixed', 'percent', 'full')", name="deposit_kind"
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    description: Mapped[str]
    duration_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    slot_step_minutes: Mapped[int]
    price_cents: Mapped[int]
    deposit_kind: Mapped[str] = mapped_column(server_default="pay_later")
    deposit_cents: Mapped[int]
    """Of a fixed deposit, otherwise 0."""
    deposit_percent: Mapped[int] = mapped_column(server_default="0")
    resource_kinds: Mapped[list[str]]
    credit_cost: Mapped[int]
    notice_minutes: Mapped[int]
    horizon_days: Mapped[int]
    cancellation_window_minutes: Mapped[int]
    requires_approval: Mapped[bool]
    questions: Mapped[list[dict[str, Any]]]
    archived_at: Mapped[datetime | None]

    offers: Mapped[list["Offer"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def staff_ids(self) -> set[UUID]:
        return {offer.staff_id for offer in self.offers}

    @staff_ids.setter
    def staff_ids(self, staff_ids: set[UUID]) -> None:
        kept = {offer.staff_id: offer for offer in self.offers}
        self.offers = [kept.get(id_) or Offer(staff_id=id_) for id_ in sorted(staff_ids)]

    @property
    def deposit(self) -> dict[str, Any]:
        """A `DepositPolicy`."""
        return {
            "kind": self.deposit_kind,
            "amount_cents": self.deposit_cents,
            "percent": self.deposit_percent,
        }

    @deposit.setter
    def deposit(self, policy: dict[str, Any]) -> None:
        self.deposit_kind = policy["kind"]
        self.deposit_cents = policy["amount_cents"]
        self.deposit_percent = policy["percent"]

    def change(self, values: dict[str, Any], now: datetime) -> ServiceChanged:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        return self.changed(now)

    def archive(self, now: datetime) -> ServiceChanged:
        """Out of sight and out of sale; appointments of the past keep pointing at it."""
        return self.change({"archived_at": now}, now)

    def changed(self, now: datetime) -> ServiceChanged:
        return ServiceChanged(
            occurred_at=now,
            business_id=self.business_id,
            service=ServiceSnapshot.model_validate(self),
        )


class Offer(Base):
    """A staff member offers a service."""

    __tablename__ = "offers"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "service_id"], [Service.business_id, Service.id]),
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
