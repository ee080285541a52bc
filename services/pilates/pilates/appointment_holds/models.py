from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from pilates.base import Base
from pilates.customer_packages.models import CustomerPackage, LedgerEntry


class AppointmentHold(OfBusiness, Base):
    """What a private appointment has here; its row is the lock on that, and has the same id.

    At most two versions of it have machines: the one that stands, and the one that is being decided
    on by whoever owns the appointment. They share one debit.
    """

    __tablename__ = "appointment_holds"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "package_id"], [CustomerPackage.business_id, CustomerPackage.id]
        ),
        ForeignKeyConstraint(
            ["business_id", "debit_id"],
            [LedgerEntry.business_id, LedgerEntry.id],
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_appointment_holds_ask_at", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
    )

    heard_version: Mapped[int] = mapped_column(default=0)
    """Of the appointment as its last event told it; an older one comes too late."""
    standing_version: Mapped[int] = mapped_column(default=0)
    held_version: Mapped[int | None]
    """Until the appointment says which version stands."""
    over_version: Mapped[int] = mapped_column(default=0)
    """The tombstone: whoever asks late for this version, or one before it, is refused."""
    ask_at: Mapped[datetime | None]
    """When the appointment's owner is asked what has become of what is held."""
    debit_id: Mapped[UUID | None]
    """What was paid for it, unless that was given back; it may be forfeited."""
    debit_version: Mapped[int] = mapped_column(default=0)
    """The last version that it pays for."""
    package_id: Mapped[UUID | None]
    credits: Mapped[int] = mapped_column(default=0)
    paid_for: Mapped[datetime | None]
    """The start for which the package was found fit to pay."""

    @property
    def versions(self) -> set[int]:
        """Those that may have machines."""
        return {self.standing_version, self.held_version or 0} - {0}

    @property
    def latest(self) -> int:
        return max(self.over_version, self.standing_version, self.held_version or 0)

    def let_go_of_held(self) -> None:
        self.over_version = max(self.over_version, self.held_version or 0)
        self.held_version = self.ask_at = None
