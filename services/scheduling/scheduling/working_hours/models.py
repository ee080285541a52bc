import datetime as dt
from collections import defaultdict
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
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


class DatedHours(Base):
    """What holds on one local date instead of the week."""

    __tablename__ = "dated_hours"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    version: Mapped[int]
    ranges: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """Empty: the person does not work. Absent: the week holds again, under a version that goes on
    growing, so that nobody takes other hours for those they saw."""


Week = dict[int, list[LocalRange]]


def week_of(weekly: list[dict[str, Any]]) -> Week:
    """The stored week as the slots want it: local ranges by weekday."""
    week: Week = defaultdict(list)
    for hours in weekly:
        week[hours["weekday"]].append(range_of(hours))
    return week


def dates_of(dated: dict[str, list[dict[str, Any]]] | None) -> dict[dt.date, list[LocalRange]]:
    """The same of stored dates."""
    return {
        dt.date.fromisoformat(day): [range_of(hours) for hours in ranges]
        for day, ranges in (dated or {}).items()
    }


def range_of(hours: dict[str, Any]) -> LocalRange:
    return time.fromisoformat(hours["starts_at"]), time.fromisoformat(hours["ends_at"])
