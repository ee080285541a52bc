from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from scheduling.appointments.models import Appointment
from scheduling.base import Base

SHORTEST_PAUSE = timedelta(seconds=30)
"""Longer than a provider is waited for, so that nobody else asks meanwhile."""
LONGEST_PAUSE = timedelta(hours=1)


class RefundCause(StrEnum):
    PAID_TOO_LATE = "paid_too_late"
    CANCELLED = "cancelled"
    BY_THE_STUDIO = "by_the_studio"
    """Given back at the provider, by hand."""
    NOT_OWED = "not_owed"
    """Another amount or currency than was asked for, or a second time."""


class Deposit(OfBusiness, Base):
    """What is asked for an appointment, whose id it shares; its status is on the appointment."""

    __tablename__ = "deposits"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "id"], [Appointment.business_id, Appointment.id]),
        Index(
            "ix_deposits_release_at", "release_at", postgresql_where=text("release_at IS NOT NULL")
        ),
        Index("ix_deposits_close_at", "close_at", postgresql_where=text("close_at IS NOT NULL")),
    )

    amount_cents: Mapped[int]
    currency: Mapped[str]
    link_digest: Mapped[str]
    """SHA-256 of the proof in the guest's link."""
    confirms: Mapped[bool]
    """Paid, the appointment is confirmed; otherwise the studio still has to approve it."""
    release_at: Mapped[datetime | None]
    """When the appointment is let go unless it is paid; absent once that is decided."""
    checkout_title: Mapped[str | None]
    checkout_email: Mapped[str | None]
    checkout_return_path: Mapped[str | None]
    """The three that the provider was asked with first, and is asked with ever after."""
    checkout_id: Mapped[str | None]
    checkout_url: Mapped[str | None]
    close_at: Mapped[datetime | None]
    """When the provider is asked, once more, to end the checkout; absent where it need not be."""

    def forget(self, now: datetime) -> None:
        """It is not awaited any more: nobody is to pay it."""
        self.release_at = None
        if self.checkout_id is not None:
            self.close_at = now


class Payment(OfBusiness, Base):
    """Money that has come, as the provider told us, and whether it goes back."""

    __tablename__ = "payments"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "deposit_id"], [Deposit.business_id, Deposit.id]),
        UniqueConstraint("business_id", "provider", "provider_id", name="one_row_a_payment"),
        Index("ix_payments_deposit", "business_id", "deposit_id"),
        Index("ix_payments_refund_at", "refund_at", postgresql_where=text("refund_at IS NOT NULL")),
    )

    deposit_id: Mapped[UUID]
    provider: Mapped[str]
    provider_id: Mapped[str]
    """What the provider calls this payment."""
    amount_cents: Mapped[int]
    currency: Mapped[str]
    paid_at: Mapped[datetime]
    refund_cause: Mapped[str | None]
    refund_at: Mapped[datetime | None]
    """When the provider is asked, once more, to give it back; absent where nothing is due."""
    refund_attempts: Mapped[int] = mapped_column(default=0)
    refunded_at: Mapped[datetime | None]

    def give_back(self, cause: RefundCause, now: datetime) -> None:
        self.refund_cause, self.refund_at = cause, now

    def attempt(self, now: datetime) -> None:
        """The next one is due later, whether this one fails or the process that makes it."""
        pause = min(SHORTEST_PAUSE * 2 ** min(self.refund_attempts, 10), LONGEST_PAUSE)
        self.refund_at = now + pause
        self.refund_attempts += 1


class Receipt(OfBusiness, Base):
    """The record of a payment or a refund; never changed."""

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "payment_id"], [Payment.business_id, Payment.id]),
        UniqueConstraint("business_id", "number", name="one_receipt_a_number"),
        # The backstop behind the lock: money is neither taken nor given back twice on paper.
        UniqueConstraint("business_id", "payment_id", "kind", name="one_receipt_a_kind"),
    )

    number: Mapped[int]
    """Counts up by one in each business, without gaps."""
    kind: Mapped[str]
    amount_cents: Mapped[int]
    """Positive, also of a refund."""
    currency: Mapped[str]
    issued_at: Mapped[datetime]
    payment_id: Mapped[UUID]
    appointment_id: Mapped[UUID]
    customer_name: Mapped[str]
    service_name: Mapped[str]


class ReceiptCounter(Base):
    """The last number of a business. Its row is locked until the receipt is committed."""

    __tablename__ = "receipt_counters"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_number: Mapped[int]
