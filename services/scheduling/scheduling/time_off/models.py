from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, ForeignKeyConstraint, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from calendaring.occurrences import Recurrence
from chassis.database import OfBusiness
from scheduling.base import Base
from scheduling.copies.models import StaffMember


class TimeOff(OfBusiness, Base):
    """Time that cannot be booked, on the wall clock of the business's zone."""

    __tablename__ = "time_off"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
        Index("ix_time_off_business_id_over_at", "business_id", "over_at"),
    )

    version: Mapped[int]
    staff_id: Mapped[UUID | None]
    """Absent: a closure of the whole business."""
    title: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    starts_fold: Mapped[int] = mapped_column(SmallInteger)
    """1 means the second of a local time that happens twice, as in PEP 495."""
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    ends_fold: Mapped[int] = mapped_column(SmallInteger)
    rule: Mapped[str | None]
    over_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    except_dates: Mapped[list[date]] = mapped_column(ARRAY(Date))

    @property
    def series(self) -> Recurrence:
        return Recurrence(
            self.starts_at.replace(fold=self.starts_fold),
            self.ends_at.replace(fold=self.ends_fold),
            self.rule,
            self.over_at,
            tuple(self.except_dates),
        )

    def become(self, title: str, series: Recurrence) -> None:
        self.title = title
        self.starts_at, self.starts_fold = series.starts_at.replace(fold=0), series.starts_at.fold
        self.ends_at, self.ends_fold = series.ends_at.replace(fold=0), series.ends_at.fold
        self.rule, self.over_at = series.rule, series.over_at
        self.except_dates = list(series.except_dates)
        self.version += 1

    def state(self) -> dict[str, Any]:
        """For the audit trail: wall-clock times, as they are meant."""
        return {
            "staff_id": str(self.staff_id) if self.staff_id else None,
            "title": self.title,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "rule": self.rule,
            "except_dates": [day.isoformat() for day in self.except_dates],
        }
