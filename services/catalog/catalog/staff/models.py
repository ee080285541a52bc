from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.base import Base
from chassis.database import CaseFolded, OfBusiness
from contracts.catalog import StaffMember as StaffMemberSnapshot
from contracts.catalog import StaffMemberChanged

if TYPE_CHECKING:
    from catalog.services.models import Offer


class StaffMember(OfBusiness, Base):
    __tablename__ = "staff_members"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'invited')", name="status"),
        CheckConstraint("daily_limit BETWEEN 1 AND 100", name="daily_limit"),
    )

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    bio: Mapped[str]
    colour: Mapped[str | None]
    daily_limit: Mapped[int | None]
    status: Mapped[str] = mapped_column(default="active")
    archived_at: Mapped[datetime | None]

    offers: Mapped[list["Offer"]] = relationship("Offer", viewonly=True, lazy="selectin")

    @property
    def service_ids(self) -> list[UUID]:
        return sorted(offer.service_id for offer in self.offers)

    def change(self, values: dict[str, Any], now: datetime) -> StaffMemberChanged:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        return self.changed(now)

    def become(self, status: Literal["active", "invited"], now: datetime) -> StaffMemberChanged:
        return self.change({"status": status}, now)

    def archive(self, now: datetime) -> StaffMemberChanged:
        """Out of sight and awaited no more; appointments of the past keep pointing at them."""
        return self.change({"archived_at": now, "status": "active"}, now)

    def changed(self, now: datetime) -> StaffMemberChanged:
        return StaffMemberChanged(
            occurred_at=now,
            business_id=self.business_id,
            staff_member=StaffMemberSnapshot.model_validate(self),
        )
