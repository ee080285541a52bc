import datetime as dt
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from pilates.base import Base
from pilates.copies.models import Customer
from pilates.package_types.models import PackageType


class CustomerPackage(OfBusiness, Base):
    """One sold package. Its row is the lock on its credits."""

    __tablename__ = "customer_packages"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        ForeignKeyConstraint(
            ["business_id", "package_type_id"], [PackageType.business_id, PackageType.id]
        ),
        CheckConstraint("balance >= 0", name="balance_is_never_negative"),
        Index("ix_customer_packages_customer", "business_id", "customer_id"),
        Index(
            "ix_customer_packages_look_at",
            "look_at",
            postgresql_where=text("look_at IS NOT NULL"),
        ),
        Index(
            "one_a_customer",
            "business_id",
            "customer_id",
            "package_type_id",
            unique=True,
            postgresql_where=text("once_per_customer AND voided_at IS NULL"),
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    customer_id: Mapped[UUID]
    package_type_id: Mapped[UUID]
    once_per_customer: Mapped[bool]
    name: Mapped[str]
    """This and what follows as it was when it was sold: a package type changes for later buyers."""
    credits: Mapped[int]
    price_cents: Mapped[int]
    """As paid for this one."""
    currency: Mapped[str]
    service_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    template_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    validity_days: Mapped[int | None]
    valid_from: Mapped[str]
    balance: Mapped[int]
    """The sum of its ledger, kept with each entry of it."""
    starts_on: Mapped[dt.date | None]
    expires_on: Mapped[dt.date | None]
    """The last local day on which something it pays for may start, without days it was frozen."""
    sold_at: Mapped[datetime]
    expiry_told_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    """When the worker looks at it again: to tell of its expiry, to expire it, to end a freeze."""
    voided_at: Mapped[datetime | None]


class Freeze(OfBusiness, Base):
    """Local days on which the package cannot pay, and by which its expiry moves."""

    __tablename__ = "freezes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "package_id"], [CustomerPackage.business_id, CustomerPackage.id]
        ),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="ends_after_its_begin"),
        Index("ix_freezes_package", "business_id", "package_id"),
    )

    package_id: Mapped[UUID]
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date | None]
    """Inclusive; absent: until somebody ends it."""
    reason: Mapped[str | None]


class LedgerKind(StrEnum):
    SALE = "sale"
    DEBIT = "debit"
    REVERSAL = "reversal"
    FORFEITURE = "forfeiture"
    WAIVER = "waiver"
    ADJUSTMENT = "adjustment"
    EXPIRY = "expiry"


class LedgerEntry(OfBusiness, Base):
    """Appended, and never changed: the app's role may neither update nor delete."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "package_id"], [CustomerPackage.business_id, CustomerPackage.id]
        ),
        ForeignKeyConstraint(
            ["business_id", "reverses"], ["ledger_entries.business_id", "ledger_entries.id"]
        ),
        # The backstop behind the lock on the package: a debit is given back at most once.
        Index(
            "one_reversal_a_debit",
            "business_id",
            "reverses",
            unique=True,
            postgresql_where=text("kind IN ('reversal', 'waiver')"),
        ),
        Index("ix_ledger_entries_package", "business_id", "package_id", "position"),
    )

    position: Mapped[int]
    """Counts up by one per package, from 1."""
    package_id: Mapped[UUID]
    kind: Mapped[str]
    credits: Mapped[int]
    balance: Mapped[int]
    """After it."""
    reverses: Mapped[UUID | None]
    """The debit that is given back, or of which a forfeiture says that it stays."""
    attendance_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    about: Mapped[str | None]
    reason: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[datetime]
