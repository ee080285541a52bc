"""The ledger of a package's credits: appended to by `append` alone, under the package's lock."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from calendaring.local_time import local_date
from pilates.copies.models import Business
from pilates.customer_packages.announcing import announce_entry, changed
from pilates.customer_packages.looked_at import expires_at
from pilates.customer_packages.models import CustomerPackage, LedgerEntry, LedgerKind
from pilates.customer_packages.paying import Charge, Packages, reasons_against
from pilates.customer_packages.problems import AlreadyReversed, NoCredit
from pilates.package_types.models import ValidFrom
from pilates.waitlist.waking import wake_customer

GRACE = timedelta(days=7)
GIVES_BACK = (LedgerKind.REVERSAL, LedgerKind.WAIVER)
NOBODY = "expiry"
"""Who did it, of what comes with time."""


async def debit(
    session: AsyncSession,
    business: Business,
    package: CustomerPackage,
    charge: Charge,
    actor: str,
    now: datetime,
) -> LedgerEntry:
    """Raises NoCredit. Its validity may begin with this."""
    zone = business.time_zone
    if reasons := reasons_against(package, package.freezes, charge, zone, now):
        told = {"package_id": str(package.id), "name": package.name, "reasons": reasons}
        raise NoCredit(reasons=[told])
    package.use_on(local_date(charge.starts_at, zone))
    what = {
        "id": charge.id,
        "attendance_id": charge.attendance_id,
        "appointment_id": charge.appointment_id,
        "about": charge.about,
    }
    entry = new_entry(package, LedgerKind.DEBIT, -charge.credits, actor, now, **what)
    return await append(session, business, package, entry, now)


async def give_back(
    session: AsyncSession,
    business: Business,
    packages: Packages,
    debit_id: UUID,
    *,
    by_studio: bool,
    reason: str | None = None,
    actor: str,
    now: datetime,
    kind: LedgerKind = LedgerKind.REVERSAL,
) -> LedgerEntry | None:
    """To the package that paid, which is among the locked ones; None if it was given back before.

    Where the studio is the cause, what has expired meanwhile is good for seven more days.
    """
    spent, others = await debit_with_answers(session, business.business_id, debit_id)
    if any(one.kind in GIVES_BACK for one in others):
        return None
    package = packages.by_id(spent.package_id)
    await expire(session, business, package, now)
    today = local_date(now, business.time_zone)
    if package.has_expired(today):
        if by_studio:
            package.extend_to(today + GRACE)
    elif not await is_used_otherwise(session, package, debit_id):
        package.forget_use()
    entry = new_entry(package, kind, -spent.credits, actor, now, reason=reason, **about(spent))
    await append(session, business, package, entry, now)
    await expire(session, business, package, now, at=now)
    return entry


async def forfeit(
    session: AsyncSession,
    business: Business,
    packages: Packages,
    debit_id: UUID,
    *,
    actor: str,
    now: datetime,
    reason: str | None = None,
) -> LedgerEntry:
    """Says once that a debit stays. Raises AlreadyReversed for what was given back."""
    spent, others = await debit_with_answers(session, business.business_id, debit_id)
    for one in others:
        if one.kind == LedgerKind.FORFEITURE:
            return one
        raise AlreadyReversed
    package = packages.by_id(spent.package_id)
    await expire(session, business, package, now)
    kind = LedgerKind.FORFEITURE
    entry = new_entry(package, kind, 0, actor, now, reason=reason, **about(spent))
    return await append(session, business, package, entry, now)


async def expire(
    session: AsyncSession,
    business: Business,
    package: CustomerPackage,
    now: datetime,
    *,
    at: datetime | None = None,
) -> None:
    """Takes what is left of an expired package, as of the instant when it expired.

    The worker does it at that instant; whoever is first to write into the ledger afterwards does
    it before, so that nothing depends on the worker's being there.
    """
    if package.balance == 0 or not package.has_expired(local_date(now, business.time_zone)):
        return
    assert package.expires_on is not None
    at = at or expires_at(package.expires_on, business.time_zone)
    entry = new_entry(package, LedgerKind.EXPIRY, -package.balance, NOBODY, at)
    await append(session, business, package, entry, now)


def new_entry(
    package: CustomerPackage,
    kind: LedgerKind,
    moved: int,
    actor: str,
    at: datetime,
    **what: Any,
) -> LedgerEntry:
    key = {"business_id": package.business_id, "package_id": package.id}
    own = {"id": uuid4(), "kind": kind, "credits": moved, "actor": actor, "at": at}
    return LedgerEntry(**own | key | what)


async def append(
    session: AsyncSession,
    business: Business,
    package: CustomerPackage,
    entry: LedgerEntry,
    now: datetime,
) -> LedgerEntry:
    """The only way into the ledger. Raises TooFewCredits rather than go below zero."""
    package.enter(entry)
    session.add(entry)
    announce_entry(session, package, entry, now)
    if entry.credits > 0:
        await wake_customer(session, package.business_id, package.customer_id, now)
    if entry.kind != LedgerKind.SALE:
        changed(session, business, package, now)
    return entry


def about(spent: LedgerEntry) -> dict[str, Any]:
    return {
        "reverses": spent.id,
        "attendance_id": spent.attendance_id,
        "appointment_id": spent.appointment_id,
        "about": spent.about,
    }


async def debit_with_answers(
    session: AsyncSession, business_id: UUID, debit_id: UUID
) -> tuple[LedgerEntry, list[LedgerEntry]]:
    """With what says that it was given back, or stays."""
    found = await session.scalars(
        select(LedgerEntry)
        .where(
            LedgerEntry.business_id == business_id,
            or_(LedgerEntry.id == debit_id, LedgerEntry.reverses == debit_id),
        )
        .order_by(LedgerEntry.position)
    )
    spent, *others = found
    return spent, others


async def is_used_otherwise(
    session: AsyncSession, package: CustomerPackage, debit_id: UUID
) -> bool:
    if package.valid_from != ValidFrom.FIRST_USE or package.starts_on is None:
        return True
    back = aliased(LedgerEntry)
    given_back = exists().where(
        back.business_id == LedgerEntry.business_id,
        back.reverses == LedgerEntry.id,
        back.kind.in_(GIVES_BACK),
    )
    standing = exists().where(
        LedgerEntry.business_id == package.business_id,
        LedgerEntry.package_id == package.id,
        LedgerEntry.kind == LedgerKind.DEBIT,
        LedgerEntry.id != debit_id,
        ~given_back,
    )
    return bool(await session.scalar(select(standing)))
