from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, or_, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from scheduling.base import Base
from scheduling.copies.models import StaffMember


class ClaimedFor(StrEnum):
    APPOINTMENT = "appointment"
    HOLD = "hold"
    SESSION = "session"
    """A class session that this person teaches."""


class Claim(OfBusiness, Base):
    """A staff member's time that nothing else may take; its id is that of what claims it."""

    __tablename__ = "claims"
    __table_args__ = (
        # The backstop behind the lock on the staff member's row, whatever the number of writers.
        ExcludeConstraint(
            ("business_id", "="),
            ("staff_id", "="),
            ("during", "&&"),
            (text("coalesce(owner_id, id)"), "<>"),
            name="one_claim_at_a_time",
        ),
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
        Index(
            "ix_claims_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")
        ),
        Index("ix_claims_holder", "holder", postgresql_where=text("holder IS NOT NULL")),
    )

    kind: Mapped[str]
    owner_id: Mapped[UUID | None]
    """Whose claims may overlap one another: what moves keeps its old time until it has the new
    one. Absent: its own id."""
    staff_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    during: Mapped[Range[datetime]]
    """`[starts_at, ends_at)` with its buffers."""
    expires_at: Mapped[datetime | None]
    """Gone iff `now >= expires_at`, whether or not the row has been swept; absent: it stays."""
    holder: Mapped[str | None]
    """SHA-256 of the secret by which a guest knows their own hold."""


def is_live(now: datetime) -> ColumnElement[bool]:
    return or_(Claim.expires_at.is_(None), Claim.expires_at > now)


def with_buffers(
    starts_at: datetime, ends_at: datetime, before_minutes: int, after_minutes: int
) -> Range[datetime]:
    return Range(
        starts_at - timedelta(minutes=before_minutes),
        ends_at + timedelta(minutes=after_minutes),
        bounds="[)",
    )
