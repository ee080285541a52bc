import datetime as dt
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import OfBusiness
from pilates.base import Base
from pilates.copies.models import Customer
from pilates.customer_packages.problems import (
    FreezeInThePast,
    FreezeOverlaps,
    NotFrozen,
    PackageExpired,
    TooFewCredits,
)
from pilates.customer_packages.validity import ONE_DAY, expiry, is_frozen, runs_until_reaching
from pilates.package_types.models import PackageType, ValidFrom


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
    entries: Mapped[int]
    """How many its ledger has."""
    starts_on: Mapped[dt.date | None]
    """Absent until it is used for the first time, where its validity begins with that."""
    runs_until: Mapped[dt.date | None]
    """Its last day if it were never frozen; absent: no end, or not begun."""
    expires_on: Mapped[dt.date | None]
    """The last local day on which something it pays for may start, moved by the days on which it
    is frozen; absent: no end, not begun, or nobody knows how long it will be frozen."""
    paid_with: Mapped[str]
    sold_at: Mapped[datetime]
    expiry_told_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    """When the worker looks at it again: to tell of its expiry, to expire it, to say that a freeze
    has begun or ended."""
    voided_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    freezes: Mapped[list["Freeze"]] = relationship(
        lazy="selectin", order_by="Freeze.first_on", cascade="all, delete-orphan"
    )

    def is_frozen(self, day: dt.date) -> bool:
        return is_frozen(self.freezes, day)

    def has_expired(self, today: dt.date) -> bool:
        """Whether or not anybody has swept its credits."""
        return self.expires_on is not None and self.expires_on < today

    def enter(self, entry: "LedgerEntry") -> None:
        """The next line of its ledger. Raises TooFewCredits rather than go below zero."""
        balance = self.balance + entry.credits
        if balance < 0:
            raise TooFewCredits(balance=self.balance, short_by=-balance)
        self.balance = entry.balance = balance
        self.entries += 1
        entry.position = self.entries

    def use_on(self, day: dt.date) -> None:
        """The day of the earliest thing that it pays for is the first one of its validity."""
        if self.valid_from != ValidFrom.FIRST_USE or self.validity_days is None:
            return
        if self.starts_on is None:
            self.starts_on = day
            self.runs_until = day + dt.timedelta(days=self.validity_days - 1)
        elif day < self.starts_on and self.runs_until is not None:
            self.runs_until -= self.starts_on - day
            self.starts_on = day
        self.revalidate()

    def forget_use(self) -> None:
        """What it was used for first, and alone, has been given back."""
        if self.valid_from == ValidFrom.FIRST_USE:
            self.starts_on = self.runs_until = self.expires_on = None

    def freeze(self, freeze: "Freeze", today: dt.date) -> None:
        if freeze.first_on < today:
            raise FreezeInThePast(today=today.isoformat())
        if self.expires_on is not None and self.expires_on < freeze.first_on:
            raise PackageExpired(expires_on=self.expires_on.isoformat())
        for other in self.freezes:
            if other.first_on <= freeze.ends_on and freeze.first_on <= other.ends_on:
                raise FreezeOverlaps(**other.days())
        self.freezes.append(freeze)
        self.revalidate()

    def unfreeze(self, today: dt.date) -> None:
        """Ends the freeze of today, or else takes back the next one that was planned."""
        ahead = [one for one in self.freezes if one.ends_on >= today]
        if not ahead:
            raise NotFrozen
        first = min(ahead, key=lambda one: one.first_on)
        if first.first_on < today:
            first.last_on = today - ONE_DAY
        else:
            self.freezes.remove(first)
        self.revalidate()

    def extend_to(self, last_day: dt.date) -> None:
        self.runs_until = runs_until_reaching(
            last_day, self.runs_until, self.starts_on, self.freezes
        )
        self.revalidate()

    def revalidate(self) -> None:
        """Told of anew if its last day is another one. A freeze beyond that falls away."""
        last_day = expiry(self.runs_until, self.starts_on, self.freezes)
        for freeze in tuple(self.freezes):
            if last_day is not None and freeze.first_on > last_day:
                self.freezes.remove(freeze)
        if last_day != self.expires_on:
            self.expires_on, self.expiry_told_at = last_day, None


class Freeze(OfBusiness, Base):
    """Local days on which the package cannot pay, and by which its expiry moves."""

    __tablename__ = "freezes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "package_id"], [CustomerPackage.business_id, CustomerPackage.id]
        ),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="ends_after_its_begin"),
        # The backstop behind the lock on the package.
        ExcludeConstraint(
            ("business_id", "="),
            ("package_id", "="),
            (func.daterange(text("first_on"), text("last_on"), text("'[]'")), "&&"),
            name="one_freeze_at_a_time",
        ),
        Index("ix_freezes_package", "business_id", "package_id"),
    )

    package_id: Mapped[UUID]
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date | None]
    """Inclusive; absent: until somebody ends it."""
    reason: Mapped[str | None]

    @property
    def ends_on(self) -> dt.date:
        return self.last_on or dt.date.max

    def days(self) -> dict[str, str | None]:
        last_on = self.last_on.isoformat() if self.last_on else None
        return {"first_on": self.first_on.isoformat(), "last_on": last_on}


class LedgerKind(StrEnum):
    SALE = "sale"
    DEBIT = "debit"
    REVERSAL = "reversal"
    FORFEITURE = "forfeiture"
    WAIVER = "waiver"
    ADJUSTMENT = "adjustment"
    EXPIRY = "expiry"
    VOID = "void"
    """The sale was taken back, and with it what was left."""


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
        UniqueConstraint("business_id", "package_id", "position", name="one_entry_a_position"),
        Index("ix_ledger_entries_at", "business_id", "at"),
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
