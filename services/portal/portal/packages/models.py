from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from contracts.pilates import CustomerPackage
from contracts.pilates import LedgerEntry as EntrySnapshot
from portal.base import Base


class Package(OfBusiness, Base):
    """A customer's package, as pilates has told of it last."""

    __tablename__ = "packages"
    __table_args__ = (Index("ix_packages_customer", "business_id", "customer_id"),)

    version: Mapped[int]
    customer_id: Mapped[UUID]
    sold_at: Mapped[datetime]
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)

    @property
    def package(self) -> CustomerPackage:
        return CustomerPackage.model_validate(self.told)


class LedgerEntry(OfBusiness, Base):
    """What moved a balance; entries are only ever added."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_package", "business_id", "package_id", "at", "id"),
        Index("ix_ledger_entries_customer", "business_id", "customer_id"),
    )

    package_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    at: Mapped[datetime]
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)

    @property
    def entry(self) -> EntrySnapshot:
        return EntrySnapshot.model_validate(self.told)
