from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from contracts.scheduling import DepositStatus
from scheduling.appointments.problems import CustomerIsKnown, IllegalTransition, StillSettling
from scheduling.base import Base
from scheduling.claims.models import with_buffers
from scheduling.copies.models import Customer, Service, StaffMember
from scheduling.series.models import Series


class Status(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


LEADS_TO = {
    Status.PENDING: {Status.CONFIRMED, Status.CANCELLED},
    Status.CONFIRMED: {Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW},
    # Taken back: what was closed by mistake is open again.
    Status.CANCELLED: {Status.CONFIRMED},
    Status.COMPLETED: {Status.CONFIRMED},
    Status.NO_SHOW: {Status.CONFIRMED},
}
OPEN = (Status.PENDING, Status.CONFIRMED)
"""Only what is still to come about may be moved."""


class Appointment(OfBusiness, Base):
    __tablename__ = "appointments"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "service_id"], [Service.business_id, Service.id]),
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        ForeignKeyConstraint(["business_id", "series_id"], [Series.business_id, Series.id]),
        Index("ix_appointments_business_id_starts_at", "business_id", "starts_at"),
        Index(
            "ix_appointments_series",
            "business_id",
            "series_id",
            postgresql_where=text("series_id IS NOT NULL"),
        ),
        Index(
            "ix_appointments_guests",
            "business_id",
            "customer_email",
            postgresql_where=text("customer_id IS NULL"),
        ),
        Index(
            "ix_appointments_settle_at",
            "settle_at",
            postgresql_where=text("settle_at IS NOT NULL"),
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
    customer_time_zone: Mapped[str | None]
    """Of a guest, who becomes a customer with it."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    """As they were when it was booked; its claim holds the time between them."""
    price_cents: Mapped[int]
    currency: Mapped[str]
    deposit_cents: Mapped[int]
    deposit_status: Mapped[DepositStatus] = mapped_column(String)
    pay_by: Mapped[datetime | None]
    """Its deposit is awaited until then; gone iff `now >= pay_by`."""
    series_id: Mapped[UUID | None]
    occurs_on: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    """Which occurrence of the series: its wall-clock time by the rule, wherever it is now."""
    resource_kinds: Mapped[list[str]] = mapped_column(server_default="[]")
    """A machine of each is needed, and held in pilates; as it was when it was booked."""
    credits: Mapped[int] = mapped_column(server_default="0")
    """What it costs of the customer's packages."""
    hold_version: Mapped[int] = mapped_column(server_default="0")
    """The hold of both that stands; 0: none does, or ever did. Once it is cancelled, the last that
    was ever asked for: all of them are over."""
    last_version: Mapped[int] = mapped_column(server_default="0")
    """The highest that was ever asked for: no number means two holds."""
    proposed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What becomes of it once everything is held by `proposed_version`."""
    proposed_version: Mapped[int | None]
    refused: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """RFC 9457: why it was not booked, or its last change not made."""
    settle_at: Mapped[datetime | None]
    """When whoever settles looks at it again; absent where nothing is open."""
    answers: Mapped[dict[str, Any]]
    booked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]

    @property
    def uid(self) -> str:
        """RFC 5545 UID: one per booking, for ever."""
        return f"{self.id}@bookly"

    @property
    def during(self) -> Range[datetime]:
        return with_buffers(
            self.starts_at, self.ends_at, self.buffer_before_minutes, self.buffer_after_minutes
        )

    @property
    def needs_things(self) -> bool:
        return bool(self.resource_kinds or self.credits)

    @property
    def is_settled(self) -> bool:
        return self.proposed_version is None

    def check_settled(self) -> None:
        """Raises StillSettling. It may be cancelled all the same."""
        if not self.is_settled:
            raise StillSettling

    def close_proposal(self) -> None:
        self.proposed = self.proposed_version = self.settle_at = None

    def confirm(self) -> None:
        """Raises IllegalTransition for what does not wait; the closed is reopened instead."""
        if self.status != Status.PENDING:
            raise self._refuse("cannot be confirmed")
        self._become(Status.CONFIRMED)
        self.pay_by = None

    def cancel(self, now: datetime, reason: str | None) -> None:
        self._become(Status.CANCELLED)
        self.close_proposal()
        self.hold_version = self.last_version
        self.cancelled_at, self.cancellation_reason = now, reason

    def await_deposit(self, pay_by: datetime) -> None:
        self.deposit_status, self.pay_by = "awaited", pay_by
        self.version += 1

    def deposit_becomes(self, status: DepositStatus) -> None:
        """A change, though not of time, staff or status: whoever has not seen it is stale."""
        self.deposit_status, self.pay_by = status, None
        self.version += 1

    def complete(self) -> None:
        self._become(Status.COMPLETED)

    def miss(self) -> None:
        """The customer did not come."""
        self._become(Status.NO_SHOW)

    def reopen(self) -> None:
        """Raises IllegalTransition for what is open already."""
        self.check_closed()
        self._become(Status.CONFIRMED)
        self.cancelled_at = self.cancellation_reason = self.pay_by = None

    def check_closed(self) -> None:
        if self.status in OPEN:
            raise self._refuse("is open already")

    def check_movable(self, now: datetime) -> None:
        """Raises IllegalTransition for what is closed, or gone for want of its deposit, and
        StillSettling."""
        self.check_settled()
        if self.status not in OPEN:
            raise self._refuse("cannot be moved")
        if self.pay_by is not None and now >= self.pay_by:
            raise IllegalTransition(
                "Its deposit was not paid in time.", appointment_status=self.status
            )

    def move(self, starts_at: datetime, ends_at: datetime, person: StaffMember) -> None:
        """To another time, length or staff member; identity, payments and answers stay."""
        self.starts_at, self.ends_at = starts_at, ends_at
        self.staff_id, self.staff_name = person.id, person.name
        self._changed()

    def correct(self, **values: Any) -> None:
        """Contact and answers: a calendar app need not hear of it, so SEQUENCE stays."""
        if self.customer_id is not None and values.keys() - {"answers"}:
            raise CustomerIsKnown(customer_id=str(self.customer_id))
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1

    def _become(self, status: Status) -> None:
        if status not in LEADS_TO[Status(self.status)]:
            raise self._refuse(f"cannot become {status}")
        self.status = status
        self._changed()

    def _changed(self) -> None:
        self.sequence += 1
        self.version += 1

    def _refuse(self, why: str) -> IllegalTransition:
        return IllegalTransition(f"It is {self.status} and {why}.", appointment_status=self.status)
