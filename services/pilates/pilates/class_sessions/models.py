from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from pilates.base import Base
from pilates.class_policies import ClassPolicies
from pilates.class_series.models import ClassSeries
from pilates.class_templates.models import ClassTemplate
from pilates.copies.models import StaffMember
from pilates.resources.models import Resource


class Status(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    """Its room and machines are held; its instructor is being asked for."""
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class ClassSession(OfBusiness, ClassPolicies, Base):
    """One occurrence of a class. Its row is the lock on its places and its waitlist."""

    __tablename__ = "class_sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "template_id"], [ClassTemplate.business_id, ClassTemplate.id]
        ),
        ForeignKeyConstraint(
            ["business_id", "series_id"], [ClassSeries.business_id, ClassSeries.id]
        ),
        ForeignKeyConstraint(
            ["business_id", "instructor_id"], [StaffMember.business_id, StaffMember.id]
        ),
        ForeignKeyConstraint(["business_id", "room_id"], [Resource.business_id, Resource.id]),
        Index("ix_class_sessions_business_id_starts_at", "business_id", "starts_at"),
        Index(
            "one_session_an_occurrence",
            "business_id",
            "series_id",
            "occurs_on",
            unique=True,
            postgresql_where=text("series_id IS NOT NULL"),
        ),
        Index(
            "ix_class_sessions_settle_at",
            "settle_at",
            postgresql_where=text("settle_at IS NOT NULL"),
        ),
        Index(
            "ix_class_sessions_proposal",
            "business_id",
            "proposal_id",
            postgresql_where=text("proposal_id IS NOT NULL"),
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(default=0)
    """RFC 5545 SEQUENCE: grows with each change of time, instructor, room or status."""
    entry_version: Mapped[int] = mapped_column(default=0)
    """Of its calendar entry, which grows with its places too: who edits the session need not care
    that somebody has booked, but an open calendar has to tell the newer number."""
    status: Mapped[str]
    template_id: Mapped[UUID | None]
    series_id: Mapped[UUID | None]
    occurs_on: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    """Which occurrence of its series: local time by the rule, wherever it has been moved."""
    overridden: Mapped[list[str]] = mapped_column(ARRAY(String))
    """What was changed of this occurrence alone; a change of the series leaves that as it is."""
    name: Mapped[str]
    description: Mapped[str]
    capacity: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    instructor_id: Mapped[UUID | None]
    instructor_name: Mapped[str | None]
    room_id: Mapped[UUID | None]
    room_name: Mapped[str | None]
    spot_kind: Mapped[str | None]
    hold_version: Mapped[int] = mapped_column(default=0)
    """The hold that stands, of the instructor in scheduling and of things here; 0: none."""
    proposed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What it becomes once everything is held for it, by `hold_version + 1` or later."""
    proposed_version: Mapped[int | None]
    """The hold that is being asked for."""
    last_version: Mapped[int] = mapped_column(default=0)
    """The highest hold that was ever asked for: no number means two holds."""
    proposal_id: Mapped[UUID | None]
    """Of all that was proposed together with it, and is held together or not at all."""
    refused: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """RFC 9457: why it was not published, or its last change not made."""
    settle_at: Mapped[datetime | None]
    """When whoever settles looks at it again; absent where nothing is open."""
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]

    @property
    def uid(self) -> str:
        """RFC 5545 UID: one per session, for ever."""
        return f"{self.id}@bookly"
