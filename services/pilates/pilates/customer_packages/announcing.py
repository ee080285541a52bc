"""What the others hear of a package and of its ledger; every change of one ends here."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.outbox import publish_on_commit
from contracts.pilates import CustomerPackage as PackageSnapshot
from contracts.pilates import CustomerPackageEvent, LedgerEntryRecorded, PackageChanged
from contracts.pilates import LedgerEntry as EntrySnapshot
from pilates.copies.models import Business
from pilates.customer_packages.looked_at import next_look
from pilates.customer_packages.models import CustomerPackage, LedgerEntry

Fact = TypeVar("Fact", bound=CustomerPackageEvent)


def changed(
    session: AsyncSession, business: Business, package: CustomerPackage, now: datetime
) -> PackageChanged:
    package.version += 1
    return announce(session, business, package, PackageChanged, now)


def announce(
    session: AsyncSession,
    business: Business,
    package: CustomerPackage,
    fact_type: type[Fact],
    now: datetime,
    **members: Any,
) -> Fact:
    """As it is now, and when it will be another by itself."""
    package.look_at = next_look(package, business.time_zone, now)
    told = snapshot(business, package, now)
    fact = fact_type(occurred_at=now, business_id=business.business_id, package=told, **members)
    publish_on_commit(session, fact)
    return fact


def announce_entry(
    session: AsyncSession, package: CustomerPackage, entry: LedgerEntry, now: datetime
) -> None:
    own = {
        name: getattr(entry, name) for name in EntrySnapshot.model_fields if hasattr(entry, name)
    }
    told = EntrySnapshot(**own, customer_id=package.customer_id)
    publish_on_commit(
        session, LedgerEntryRecorded(occurred_at=now, business_id=entry.business_id, entry=told)
    )


def snapshot(business: Business, package: CustomerPackage, now: datetime) -> PackageSnapshot:
    """All that a mail or the portal says, so that no listener has to ask back."""
    own = {
        name: getattr(package, name)
        for name in PackageSnapshot.model_fields
        if hasattr(package, name)
    }
    days = {
        name: day.isoformat() if (day := own[name]) else None
        for name in ("starts_on", "expires_on")
    }
    return PackageSnapshot(
        **own | days,
        customer_name=package.customer.name,
        customer_email=package.customer.email,
        frozen=package.is_frozen(local_date(now, business.time_zone)),
        business_name=business.name,
        time_zone=business.time_zone,
        locale=business.locale,
    )
