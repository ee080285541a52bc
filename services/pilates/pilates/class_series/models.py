from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from pilates.base import Base
from pilates.class_templates.models import ClassTemplate


class ClassSeries(OfBusiness, Base):
    """A template by a recurrence rule (RFC 5545), counted out on the wall clock.

    The rule never changes, so that each occurrence keeps its place in it, its `occurs_on`; a series
    that was moved says by how much.
    """

    __tablename__ = "class_series"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "template_id"], [ClassTemplate.business_id, ClassTemplate.id]
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    template_id: Mapped[UUID]
    rule: Mapped[str]
    """With its COUNT."""
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    """Local time of the rule's first occurrence."""
    time_zone: Mapped[str]
    """Of the business when it was made: a business that moves does not move its classes."""
    moved_minutes: Mapped[int] = mapped_column(default=0)
    """By how much, on the wall clock, it has been moved from its rule since."""
    differs: Mapped[list[str]] = mapped_column(ARRAY(String))
    """In what it differs from its template; a change of the template leaves that as it is."""
    except_for: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=False)))
    """Occurrences that were deleted, by their `occurs_on`: nothing brings them back."""
    split_from: Mapped[UUID | None]
    """The series that it was the later part of, until that part was changed."""
    made_at: Mapped[datetime]
