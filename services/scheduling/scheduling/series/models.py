from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from scheduling.base import Base
from scheduling.copies.models import Service, StaffMember


class Series(OfBusiness, Base):
    """What its appointments have in common, but for those that were changed alone.

    The rule never changes, so that each occurrence keeps its place in it, its `occurs_on`; a series
    that was moved says by how much.
    """

    __tablename__ = "appointment_series"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "service_id"], [Service.business_id, Service.id]),
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
    )

    service_id: Mapped[UUID]
    staff_id: Mapped[UUID]
    rule: Mapped[str]
    """RFC 5545, with its COUNT; counted out on the wall clock of `time_zone`."""
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    """Local time of the rule's first occurrence."""
    time_zone: Mapped[str]
    """Of the business when it was booked: a business that moves does not move its bookings."""
    moved_minutes: Mapped[int]
    """By how much, on the wall clock, it has been moved from its rule since."""
    length_minutes: Mapped[int]
    split_from: Mapped[UUID | None]
    """The series that it was the later part of, until that part was changed."""
    booked_at: Mapped[datetime]
