from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, or_, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from contracts.pilates import PaymentStatus
from pilates.attendances.problems import PlaceNotHeld
from pilates.base import Base
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Customer
from pilates.customer_packages.models import CustomerPackage, LedgerEntry
from pilates.resources.models import Resource


class Status(StrEnum):
    BOOKED = "booked"
    CANCELLED = "cancelled"
    LATE_CANCELLED = "late_cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


class PaidWith(StrEnum):
    CREDIT = "credit"
    DROP_IN = "drop_in"
    """Paid online before it stands."""
    AT_STUDIO = "at_studio"
    NOTHING = "nothing"


TAKEN = (Status.BOOKED, Status.ATTENDED, Status.NO_SHOW)
TAKES_PLACE = text("status IN ('booked', 'attended', 'no_show')")
SWEPT_AFTER = timedelta(hours=1)
"""After its end: whoever was not recorded by then is recorded by the sweep."""


class Attendance(OfBusiness, Base):
    """One person's place in a session."""

    __tablename__ = "attendances"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "session_id"], [ClassSession.business_id, ClassSession.id]
        ),
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        ForeignKeyConstraint(
            ["business_id", "payer_id"],
            [Customer.business_id, Customer.id],
            name="fk_attendances_payers",
        ),
        ForeignKeyConstraint(["business_id", "spot_id"], [Resource.business_id, Resource.id]),
        ForeignKeyConstraint(
            ["business_id", "package_id"], [CustomerPackage.business_id, CustomerPackage.id]
        ),
        ForeignKeyConstraint(
            ["business_id", "debit_id"],
            [LedgerEntry.business_id, LedgerEntry.id],
            deferrable=True,
            initially="DEFERRED",
        ),
        # Backstops behind the lock on the session; the first is the only one between sessions.
        ExcludeConstraint(
            ("business_id", "="),
            ("person", "="),
            ("during", "&&"),
            where=TAKES_PLACE,
            name="one_place_at_a_time",
        ),
        Index(
            "one_attendance_a_spot",
            "business_id",
            "session_id",
            "spot_id",
            unique=True,
            postgresql_where=TAKES_PLACE,
        ),
        Index("ix_attendances_session", "business_id", "session_id"),
        Index("ix_attendances_customer", "business_id", "customer_id", "starts_at"),
        Index("ix_attendances_party", "business_id", "party_id"),
        Index(
            "ix_attendances_guests",
            "business_id",
            "customer_email",
            postgresql_where=text("customer_id IS NULL AND customer_email IS NOT NULL"),
        ),
        Index("ix_attendances_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")),
    )

    version: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(default=0)
    status: Mapped[str]
    session_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    during: Mapped[Range[datetime]]
    """`[starts_at, ends_at)` of its session, for the constraint."""
    person: Mapped[str]
    """Who is not in two places: a customer's id, a guest's e-mail, or the row's own id."""
    customer_id: Mapped[UUID | None]
    customer_name: Mapped[str]
    customer_email: Mapped[CaseFolded | None]
    customer_phone: Mapped[str | None]
    customer_time_zone: Mapped[str | None]
    """Of a guest, who becomes a customer with it."""
    party_id: Mapped[UUID]
    payer_id: Mapped[UUID | None]
    payer_email: Mapped[CaseFolded | None]
    spot_id: Mapped[UUID | None]
    spot_label: Mapped[str | None]
    paid_with: Mapped[str]
    credits: Mapped[int]
    package_id: Mapped[UUID | None]
    package_name: Mapped[str | None]
    debit_id: Mapped[UUID | None]
    price_cents: Mapped[int]
    payment_status: Mapped[str]
    pay_by: Mapped[datetime | None]
    """Its drop-in is awaited until then; gone iff `now >= pay_by`."""
    decline_until: Mapped[datetime | None]
    """Promoted late, it may be cancelled until then, inclusive, as if in time."""
    look_at: Mapped[datetime | None]
    """When the worker looks at it again, to sweep who did not come."""
    booked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]

    @classmethod
    def takes_place(cls, now: datetime) -> ColumnElement[bool]:
        """What is unpaid and out of time is gone, whether or not it was swept."""
        return cls.status.in_(TAKEN) & or_(cls.pay_by.is_(None), cls.pay_by > now)

    @property
    def uid(self) -> str:
        """RFC 5545 UID: one per place, for ever."""
        return f"{self.id}@bookly"

    @property
    def has_drop_in(self) -> bool:
        """Its party is paid for online, or is to be: by one payment, which goes back as a whole."""
        return self.paid_with == PaidWith.DROP_IN and self.payment_status in ("awaited", "paid")

    def is_unpaid(self, now: datetime) -> bool:
        """Not paid for in time, so it is gone, whether or not anybody has swept it."""
        return self.pay_by is not None and now >= self.pay_by

    def check_held(self, now: datetime) -> None:
        """Raises PlaceNotHeld for what is cancelled, or is recorded as having been."""
        self._check_booked()
        if self.is_unpaid(now):
            raise PlaceNotHeld(attendance_status=Status.CANCELLED)

    def release(self, now: datetime, reason: str | None, *, late: bool = False) -> None:
        """Raises PlaceNotHeld. Its spot is free from now on; the row keeps saying which it was."""
        self._check_booked()
        self.cancelled_at, self.cancellation_reason = now, reason
        self.pay_by = self.look_at = None
        self._become(Status.LATE_CANCELLED if late else Status.CANCELLED)

    def stand(self, paid_with: PaidWith) -> None:
        """It waits for no payment any more: that has come online, or is for the studio to take."""
        self.paid_with = paid_with
        self.payment_becomes("paid" if paid_with == PaidWith.DROP_IN else "none")
        self.sequence += 1

    def payment_becomes(self, status: PaymentStatus) -> None:
        """A change, though not of time or status: whoever has not seen it is stale."""
        self.payment_status, self.pay_by = status, None
        self.version += 1

    def record(self, status: Status) -> None:
        """Whether its person came, or that this was recorded by mistake."""
        if self.status not in (Status.BOOKED, Status.ATTENDED, Status.NO_SHOW):
            raise PlaceNotHeld(attendance_status=self.status)
        self.look_at = None
        self.status = status
        self.version += 1

    def go_with(self, row: ClassSession) -> None:
        """To another session, or with its own to another time."""
        self.session_id, self.starts_at, self.ends_at = row.id, row.starts_at, row.ends_at
        self.during = Range(row.starts_at, row.ends_at, bounds="[)")
        self.look_at = row.ends_at + SWEPT_AFTER
        self.sequence += 1
        self.version += 1

    def sit_on(self, spot_id: UUID | None, label: str | None) -> None:
        self.spot_id, self.spot_label = spot_id, label
        self.version += 1

    def _check_booked(self) -> None:
        if self.status != Status.BOOKED:
            raise PlaceNotHeld(attendance_status=self.status)

    def _become(self, status: Status) -> None:
        self.status = status
        self.sequence += 1
        self.version += 1
