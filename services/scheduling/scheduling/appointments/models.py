from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped

from chassis.database import CaseFolded, OfBusiness
from scheduling.appointments.problems import IllegalTransition
from scheduling.base import Base
from scheduling.copies.models import Customer, Service, StaffMember


class Status(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


BLOCKING = (Status.PENDING, Status.CONFIRMED, Status.COMPLETED)
"""Whoever does not come, or cancels, leaves the time to others."""

LEADS_TO = {
    Status.PENDING: {Status.CONFIRMED, Status.CANCELLED},
    Status.CONFIRMED: {Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW},
}


class Appointment(OfBusiness, Base):
    __tablename__ = "appointments"
    __table_args__ = (
        # The backstop behind the lock on the staff member's row, whatever the number of writers.
        ExcludeConstraint(
            ("business_id", "="),
            ("staff_id", "="),
            ("blocks", "&&"),
            where=text("status IN ('pending', 'confirmed', 'completed')"),
            name="one_appointment_at_a_time",
        ),
        ForeignKeyConstraint(["business_id", "service_id"], [Service.business_id, Service.id]),
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        Index("ix_appointments_business_id_starts_at", "business_id", "starts_at"),
        Index(
            "ix_appointments_guests",
            "business_id",
            "customer_email",
            postgresql_where=text("customer_id IS NULL"),
        ),
    )

    version: Mapped[int]
    sequence: Mapped[int]
    """RFC 5545 SEQUENCE: grows with each change of time, staff or status."""
    status: Mapped[str]
    service_id: Mapped[UUID]
    service_name: Mapped[str]
    staff_id: Mapped[UUID]
    staff_name: Mapped[str]
    customer_id: Mapped[UUID | None]
    customer_name: Mapped[str]
    customer_email: Mapped[CaseFolded | None]
    customer_phone: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    blocks: Mapped[Range[datetime]]
    """The staff member's time that it takes: the appointment with its buffers, half-open."""
    price_cents: Mapped[int]
    currency: Mapped[str]
    answers: Mapped[dict[str, Any]]
    booked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]

    @property
    def uid(self) -> str:
        """RFC 5545 UID: one per booking, for ever."""
        return f"{self.id}@bookly"

    def confirm(self) -> None:
        self._become(Status.CONFIRMED)

    def cancel(self, now: datetime, reason: str | None) -> None:
        self._become(Status.CANCELLED)
        self.cancelled_at, self.cancellation_reason = now, reason

    def _become(self, status: Status) -> None:
        if status not in LEADS_TO.get(Status(self.status), set()):
            raise IllegalTransition(
                f"It is {self.status} and cannot become {status}.", appointment_status=self.status
            )
        self.status = status
        self.sequence += 1
        self.version += 1


def blocked(starts_at: datetime, service: Service) -> Range[datetime]:
    return Range(
        starts_at - timedelta(minutes=service.buffer_before_minutes),
        starts_at + timedelta(minutes=service.duration_minutes + service.buffer_after_minutes),
        bounds="[)",
    )
