"""A package rests for whole local days, for each of which it is valid for one day longer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis import audit
from chassis.auth import Principal
from chassis.runtime import Runtime
from pilates.copies.queries import known_business
from pilates.customer_packages.announcing import changed
from pilates.customer_packages.locking import lock_sold
from pilates.customer_packages.models import CustomerPackage, Freeze
from pilates.customer_packages.problems import (
    FreezeInThePast,
    FreezeOverlaps,
    NotFrozen,
    PackageExpired,
)
from pilates.customer_packages.schemas import FreezeRequest
from pilates.customer_packages.validity import ONE_DAY


async def freeze(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    package_id: UUID,
    wanted: FreezeRequest,
    now: datetime,
) -> CustomerPackage:
    """Places that it has paid for already stay, also on the days on which it rests."""
    business = await known_business(session, runtime, caller.business_id)
    package = await lock_sold(session, caller.business_id, package_id)
    before = state(package)
    check_days(package, wanted, local_date(now, business.time_zone))
    days = {"first_on": wanted.first_on, "last_on": wanted.last_on}
    package.freezes.append(Freeze(**days, reason=wanted.reason))
    package.revalidate()
    await session.flush()
    changed(session, business, package, now)
    after = state(package) | {"reason": wanted.reason}
    audit.record(session, caller, "package.frozen", package_id, at=now, before=before, after=after)
    return package


def check_days(package: CustomerPackage, wanted: FreezeRequest, today: date) -> None:
    if wanted.first_on < today:
        raise FreezeInThePast(today=today.isoformat())
    if package.expires_on is not None and package.expires_on < wanted.first_on:
        raise PackageExpired(expires_on=package.expires_on.isoformat())
    last_on = wanted.last_on or date.max
    for other in package.freezes:
        if other.first_on <= last_on and wanted.first_on <= (other.last_on or date.max):
            raise FreezeOverlaps(**days_of(other))


async def unfreeze(
    session: AsyncSession, runtime: Runtime, caller: Principal, package_id: UUID, now: datetime
) -> CustomerPackage:
    """From today on it can pay; where it does not rest yet, the next freeze does not come.

    Raises NotFrozen where there is none.
    """
    business = await known_business(session, runtime, caller.business_id)
    package = await lock_sold(session, caller.business_id, package_id)
    before = state(package)
    today = local_date(now, business.time_zone)
    ahead = [one for one in package.freezes if one.last_on is None or one.last_on >= today]
    if not ahead:
        raise NotFrozen
    first = min(ahead, key=lambda one: one.first_on)
    if first.first_on < today:
        first.last_on = today - ONE_DAY
    else:
        package.freezes.remove(first)
    package.revalidate()
    await session.flush()
    changed(session, business, package, now)
    after = state(package)
    audit.record(
        session, caller, "package.unfrozen", package_id, at=now, before=before, after=after
    )
    return package


def state(package: CustomerPackage) -> dict[str, object]:
    last_day = package.expires_on
    return {
        "expires_on": last_day.isoformat() if last_day else None,
        "freezes": [days_of(one) for one in package.freezes],
    }


def days_of(freeze: Freeze) -> dict[str, str | None]:
    last_on = freeze.last_on.isoformat() if freeze.last_on else None
    return {"first_on": freeze.first_on.isoformat(), "last_on": last_on}
