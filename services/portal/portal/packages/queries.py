from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.problems import NotFound
from contracts.pilates import CustomerPackage
from contracts.pilates import LedgerEntry as EntrySnapshot
from portal.packages.ledger_words import in_words
from portal.packages.models import LedgerEntry, Package
from portal.packages.schemas import Ledger, LedgerRead, PackageRead
from portal.portal_sessions.queries import Client


def of_client(client: Client) -> Select[Package]:
    return select(Package).where(
        Package.business_id == client.business_id, Package.customer_id == client.id
    )


async def find(session: AsyncSession, client: Client, now: datetime) -> list[PackageRead]:
    """The last sold first."""
    ordered = of_client(client).order_by(Package.sold_at.desc(), Package.id)
    today = local_date(now, client.business.time_zone)
    return [view(one.package, today) for one in await session.scalars(ordered)]


async def read_ledger(
    session: AsyncSession, client: Client, package_id: UUID, now: datetime
) -> Ledger:
    package = await session.scalar(of_client(client).where(Package.id == package_id))
    if package is None:
        raise NotFound
    locale = client.customer.locale or client.business.locale
    entries = await session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.business_id == client.business_id, LedgerEntry.package_id == package_id)
        .order_by(LedgerEntry.at)
    )
    told = sorted((one.entry for one in entries), key=lambda entry: entry.position)
    return Ledger(
        package=view(package.package, local_date(now, client.business.time_zone)),
        entries=[line(one, locale) for one in reversed(told)],
    )


async def ledger_of(session: AsyncSession, client: Client) -> list[EntrySnapshot]:
    """Of all packages, in the order of time."""
    found = await session.scalars(
        select(LedgerEntry).where(
            LedgerEntry.business_id == client.business_id, LedgerEntry.customer_id == client.id
        )
    )
    entries = (one.entry for one in found)
    return sorted(entries, key=lambda entry: (entry.at, entry.package_id, entry.position))


def view(told: CustomerPackage, today: date) -> PackageRead:
    known = told.model_dump(include=set(PackageRead.model_fields))
    return PackageRead(**known, state=state_of(told, today))


def state_of(
    told: CustomerPackage, today: date
) -> Literal["usable", "frozen", "expired", "used_up"]:
    if told.expires_on is not None and date.fromisoformat(told.expires_on) < today:
        return "expired"
    if told.frozen:
        return "frozen"
    return "usable" if told.balance > 0 else "used_up"


def line(told: EntrySnapshot, locale: str) -> LedgerRead:
    known = told.model_dump(include=set(LedgerRead.model_fields))
    booking_id = told.attendance_id or told.appointment_id
    return LedgerRead(**known, words=in_words(told, locale), booking_id=booking_id)
