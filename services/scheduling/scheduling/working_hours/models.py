from collections import defaultdict
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.base import Base
from scheduling.copies.models import StaffMember
from scheduling.working_hours.local_hours import LocalRange


class WorkingHours(Base):
    """A staff member's week on the wall clock of the business's zone."""

    __tablename__ = "working_hours"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    weekly: Mapped[list[dict[str, Any]]]


Week = dict[int, list[LocalRange]]


def week_of(weekly: list[dict[str, Any]]) -> Week:
    """The stored week as the slots want it: local ranges by weekday."""
    week: Week = defaultdict(list)
    for hours in weekly:
        week[hours["weekday"]].append(
            (time.fromisoformat(hours["starts_at"]), time.fromisoformat(hours["ends_at"]))
        )
    return week
