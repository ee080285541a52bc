"""By hand, with a reason: credits that are added or taken, a later last day, a waived penalty."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis import audit
from chassis.auth import Principal
from chassis.problems import NotFound
from chassis.runtime import Runtime
from pilates.copies.queries import known_business
from pilates.customer_packages.ledger import (
    append,
    debit_with_answers,
    expire,
    give_back,
    new_entry,
)
from pilates.customer_packages.locking import check_sold, lock_package
from pilates.customer_packages.models import CustomerPackage, LedgerEntry, LedgerKind
from pilates.customer_packages.paying import Packages
from pilates.customer_packages.problems import (
    AlreadyReversed,
    NotForfeited,
    NotLater,
    PackageExpired,
)
from pilates.customer_packages.schemas import Adjustment, Waiver


async def adjust(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    package_id: UUID,
    wanted: Adjustment,
    now: datetime,
) -> LedgerEntry:
    """Raises TooFewCredits rather than go below zero."""
    business = await known_business(session, runtime, caller.business_id)
    package = await lock_package(session, caller.business_id, package_id)
    if wanted.credits > 0 or wanted.expires_on is not None:
        # What comes back after the sale was taken back is taken away by hand, with the refund.
        check_sold(package)
    await expire(session, business, package, now)
    before = state(package)
    today = local_date(now, business.time_zone)
    if wanted.expires_on is not None:
        extend(package, wanted.expires_on, today)
    if wanted.credits > 0 and package.has_expired(today):
        raise PackageExpired(expires_on=str(package.expires_on))
    about = wanted.expires_on.isoformat() if wanted.expires_on else None
    what = {"about": about, "reason": wanted.reason}
    kind = LedgerKind.ADJUSTMENT
    entry = new_entry(package, kind, wanted.credits, caller.actor, now, **what)
    await append(session, business, package, entry, now)
    after = state(package) | {"reason": wanted.reason}
    audit.record(
        session, caller, "package.adjusted", package_id, at=now, before=before, after=after
    )
    return entry


def extend(package: CustomerPackage, last_day: date, today: date) -> None:
    known = package.expires_on
    if known is None or last_day <= known or last_day < today:
        raise NotLater(expires_on=known.isoformat() if known else None)
    package.extend_to(last_day)


async def waive(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    package_id: UUID,
    entry_id: UUID,
    wanted: Waiver,
    now: datetime,
) -> LedgerEntry:
    """Of a debit that was forfeited, by its own id or by that of its forfeiture; once.

    The studio is the cause that it comes back, so the same grace goes for what has expired.
    """
    business = await known_business(session, runtime, caller.business_id)
    package = await lock_package(session, caller.business_id, package_id)
    named = await session.get(LedgerEntry, (caller.business_id, entry_id))
    if named is None or named.package_id != package_id:
        raise NotFound
    debit_id = named.reverses or named.id
    _, answers = await debit_with_answers(session, caller.business_id, debit_id)
    if not any(one.kind == LedgerKind.FORFEITURE for one in answers):
        raise NotForfeited
    check_sold(package)
    entry = await give_back(
        session,
        business,
        Packages({package.id: package}),
        debit_id,
        by_studio=True,
        reason=wanted.reason,
        actor=caller.actor,
        now=now,
        kind=LedgerKind.WAIVER,
    )
    if entry is None:
        raise AlreadyReversed
    after = {"reason": wanted.reason, "credits": entry.credits, "debit_id": str(debit_id)}
    audit.record(session, caller, "penalty.waived", package_id, at=now, after=after)
    return entry


def state(package: CustomerPackage) -> dict[str, object]:
    last_day = package.expires_on
    return {
        "balance": package.balance,
        "expires_on": last_day.isoformat() if last_day else None,
    }
