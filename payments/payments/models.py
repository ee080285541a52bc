"""Columns that every service that is paid has alike; its tables mix them in and add their own."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from payments.link import Link, new_link

SHORTEST_PAUSE = timedelta(seconds=30)
"""Longer than a provider is waited for, so that nobody else asks meanwhile."""
LONGEST_PAUSE = timedelta(hours=1)


class RefundCause(StrEnum):
    PAID_TOO_LATE = "paid_too_late"
    CANCELLED = "cancelled"
    BY_HAND = "by_the_studio"
    """Given back at the provider, without us."""
    NOT_OWED = "not_owed"
    """Another amount or currency than was asked for, or a second time."""


class Demand(OfBusiness):
    """What is asked for something, whose id it shares; how that stands is said there."""

    amount_cents: Mapped[int]
    currency: Mapped[str]
    link_digest: Mapped[str]
    """SHA-256 of the proof in the payer's link."""
    release_at: Mapped[datetime | None]
    """Paid from then on, it is paid too late; absent once that is decided."""
    checkout_title: Mapped[str | None]
    checkout_email: Mapped[str | None]
    checkout_return_path: Mapped[str | None]
    """The three that the provider was asked with first, and is asked with ever after."""
    checkout_id: Mapped[str | None]
    checkout_url: Mapped[str | None]
    close_at: Mapped[datetime | None]
    """When the provider is asked, once more, to end the checkout; absent where it need not be."""

    @staticmethod
    def rules() -> tuple[Index, ...]:
        return due_index("release_at"), due_index("close_at")

    def is_awaited(self, now: datetime) -> bool:
        return self.release_at is not None and now < self.release_at

    def is_late(self, now: datetime) -> bool:
        """Not paid in time, whether or not anybody has swept it."""
        return self.release_at is not None and now >= self.release_at

    def forget(self, now: datetime) -> None:
        """It is not awaited any more: nobody is to pay it."""
        self.release_at = None
        if self.checkout_id is not None:
            self.close_at = now

    def give_link(self) -> Link:
        """Told now and never again: what is kept of it proves a link and makes none."""
        link = new_link(self.business_id, self.id)
        self.link_digest = link.digest
        return link


class TakenPayment(OfBusiness):
    """Money that has come, as the provider told us, and whether it goes back."""

    demand_id: Mapped[UUID]
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

    @staticmethod
    def rules() -> tuple[UniqueConstraint | Index, ...]:
        one_row = UniqueConstraint("business_id", "provider", "provider_id", name=ONE_ROW)
        return one_row, due_index("refund_at")

    @property
    def was_owed(self) -> bool:
        return self.refund_cause != RefundCause.NOT_OWED

    def give_back(self, cause: RefundCause, now: datetime) -> None:
        self.refund_cause, self.refund_at = cause, now

    def attempt(self, now: datetime) -> None:
        """The next one is due later, whether this one fails or the process that makes it."""
        pause = min(SHORTEST_PAUSE * 2 ** min(self.refund_attempts, 10), LONGEST_PAUSE)
        self.refund_at = now + pause
        self.refund_attempts += 1


ONE_ROW = "one_row_a_payment"


class NumberedReceipt(OfBusiness):
    """The record of a payment or a refund; never changed."""

    number: Mapped[int]
    """Counts up by one in each business, without gaps."""
    kind: Mapped[str]
    amount_cents: Mapped[int]
    """Positive, also of a refund."""
    currency: Mapped[str]
    issued_at: Mapped[datetime]

    @staticmethod
    def rules() -> tuple[UniqueConstraint, ...]:
        return (UniqueConstraint("business_id", "number", name="one_receipt_a_number"),)


class ReceiptCount:
    """The last number of a business. Its row is locked until the receipt is committed."""

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_number: Mapped[int]


def due_index(column: str) -> Index:
    return Index(None, column, postgresql_where=text(f"{column} IS NOT NULL"))
