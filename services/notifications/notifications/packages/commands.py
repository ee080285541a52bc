"""What is said of a package of credits: its receipt, and when it becomes low or ends."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from contracts.pilates import (
    CustomerPackage,
    CustomerPackageEvent,
    PackageChanged,
    PackageExpiryNeared,
    PackageSold,
    PackageVoided,
)
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader, is_erased
from notifications.messages.models import NO_RECEIPT
from notifications.messages.queueing import Sender, Subject, say
from notifications.packages.models import Package

LOW = 1


async def tell_sale(session: AsyncSession, event: PackageSold) -> None:
    number = event.receipt.number if event.receipt else NO_RECEIPT
    await tell(session, Kind.PACKAGE_SOLD, event, receipt_number=number)


async def tell_voided(session: AsyncSession, event: PackageVoided) -> None:
    number = event.receipt.number if event.receipt else NO_RECEIPT
    await tell(session, Kind.PACKAGE_VOIDED, event, receipt_number=number)


async def tell_low(session: AsyncSession, event: PackageChanged) -> None:
    """Once each time its balance falls to the last credit or below, by whatever."""
    package = event.package
    before = await follow(session, event)
    if before is None or not package.balance <= LOW < before:
        return
    if package.voided_at:
        return
    today = local_date(event.occurred_at, package.time_zone)
    if package.expires_on and date.fromisoformat(package.expires_on) < today:
        # Its end took the credits, of which it was told before.
        return
    await tell(session, Kind.PACKAGE_LOW, event)


async def tell_expiry(session: AsyncSession, event: PackageExpiryNeared) -> None:
    await tell(session, Kind.PACKAGE_EXPIRING, event)


async def follow(session: AsyncSession, event: PackageChanged) -> int | None:
    """The balance before, at first as sold; None where we know of a later one already."""
    package = event.package
    if await is_erased(session, event.business_id, package.customer_id):
        return None
    key = (Package.business_id == event.business_id, Package.id == package.id)
    await session.execute(
        insert(Package)
        .values(
            business_id=event.business_id,
            id=package.id,
            version=0,
            customer_id=package.customer_id,
            balance=package.credits,
        )
        .on_conflict_do_nothing()
    )
    known = (await session.scalars(select(Package).where(*key).with_for_update())).one()
    if known.version >= package.version:
        return None
    before = known.balance
    known.version, known.balance = package.version, package.balance
    await session.flush()
    return before


async def tell(
    session: AsyncSession,
    kind: Kind,
    event: CustomerPackageEvent,
    receipt_number: int = NO_RECEIPT,
) -> None:
    package: CustomerPackage = event.package
    if not package.customer_email:
        return
    await say(
        session,
        kind,
        Sender(event.business_id, package.business_name, package.locale),
        Reader(package.customer_email, package.customer_id),
        Subject(package.id, package.version),
        event.model_dump(),
        at=event.occurred_at,
        receipt_number=receipt_number,
    )
