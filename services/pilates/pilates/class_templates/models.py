from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from pilates.base import Base
from pilates.class_policies import ClassPolicies
from pilates.copies.models import StaffMember
from pilates.resources.models import Resource


class ClassTemplate(OfBusiness, ClassPolicies, Base):
    __tablename__ = "class_templates"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "instructor_id"], [StaffMember.business_id, StaffMember.id]
        ),
        ForeignKeyConstraint(["business_id", "room_id"], [Resource.business_id, Resource.id]),
    )

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    description: Mapped[str]
    capacity: Mapped[int]
    duration_minutes: Mapped[int]
    instructor_id: Mapped[UUID | None]
    room_id: Mapped[UUID | None]
    spot_kind: Mapped[str | None]
    """The kind of machine that each attendee has to themselves; absent: none."""
    archived_at: Mapped[datetime | None]

    def change(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1

    def archive(self, now: datetime) -> None:
        self.archived_at = now
        self.version += 1
