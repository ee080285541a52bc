import random
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column
from yarl import URL

from chassis.database import OfBusiness
from scheduling.base import Base
from scheduling.busy_calendars.fetch_policy import Failure
from scheduling.copies.models import StaffMember

CALENDARS_EACH = 5
EVERY = timedelta(minutes=10)
JITTER = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=4)
SHORTEST_PAUSE = timedelta(seconds=30)
"""Nobody makes us a nuisance to somebody's server."""
KEPT = timedelta(days=7)
"""So long does a calendar that cannot be fetched go on to block."""
READ_AGAIN_AFTER = timedelta(days=1)
"""What recurs has come nearer meanwhile, though the text is the same."""


class BusyCalendar(OfBusiness, Base):
    """A staff member's calendar elsewhere: its times block theirs here."""

    __tablename__ = "busy_calendars"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
        Index("ix_busy_calendars_staff", "business_id", "staff_id"),
        Index("ix_busy_calendars_next_fetch_at", "next_fetch_at"),
    )

    staff_id: Mapped[UUID]
    name: Mapped[str]
    url: Mapped[str]
    """A secret: whoever has it can read the calendar."""
    connected_at: Mapped[datetime]
    next_fetch_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    digest: Mapped[str | None]
    """SHA-256 of what was read last."""
    read_in_zone: Mapped[str | None]
    """Whole days and times without a zone were taken for this one's."""
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    failure: Mapped[str | None]
    answered_status: Mapped[int | None]
    failures: Mapped[int]
    known_until: Mapped[datetime | None]
    unreadable: Mapped[int | None]

    @property
    def host(self) -> str:
        return URL(self.url).host or ""

    def is_fresh(self, zone: str, now: datetime) -> bool:
        """The same text again would tell nothing new."""
        if self.read_at is None or self.read_in_zone != zone:
            return False
        return now < self.read_at + READ_AGAIN_AFTER

    def try_soon(self, now: datetime) -> None:
        self.next_fetch_at = max(now, self.tried_at + SHORTEST_PAUSE if self.tried_at else now)

    def begin_try(self, now: datetime) -> None:
        """If we die over it, the next try is when it would have been anyway."""
        self.tried_at, self.next_fetch_at = now, now + self._pause()

    def end_try(self, now: datetime) -> None:
        self.failure, self.answered_status, self.failures = None, None, 0
        self.fetched_at, self.next_fetch_at = now, now + self._pause()

    def fail(self, failure: Failure, status: int | None, now: datetime) -> None:
        self.failure, self.answered_status = failure, status
        self.failures += 1
        self.next_fetch_at = now + self._pause()

    def forget(self) -> None:
        """Nothing of it is kept, so the same text would be news."""
        self.digest = self.read_in_zone = self.etag = self.last_modified = None
        self.read_at = self.known_until = self.unreadable = None

    def has_been_lost(self, now: datetime) -> bool:
        return self.fetched_at is None or now >= self.fetched_at + KEPT

    def _pause(self) -> timedelta:
        longer: timedelta = EVERY * 2 ** min(self.failures, 8)
        return min(longer, LONGEST_PAUSE) + JITTER * random.uniform(-1, 1)  # noqa: S311


class BusyTime(Base):
    """Of one calendar they never overlap."""

    __tablename__ = "busy_times"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "calendar_id"],
            [BusyCalendar.business_id, BusyCalendar.id],
            ondelete="CASCADE",
        ),
        Index(
            "ix_busy_times_staff",
            "business_id",
            "staff_id",
            "during",
            postgresql_using="gist",
        ),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    calendar_id: Mapped[UUID] = mapped_column(primary_key=True)
    during: Mapped[Range[datetime]] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
