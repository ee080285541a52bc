"""A package rests for whole local days, for each of which it is valid for one day longer."""

from datetime import datetime
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
from pilates.customer_packages.schemas import FreezeRequest
from pilates.waitlist.waking import wake_customer


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
    package.freeze(Freeze(**wanted.model_dump()), local_date(now, business.time_zone))
    await session.flush()
    changed(session, business, package, now)
    after = state(package) | {"reason": wanted.reason}
    audit.record(session, caller, "package.frozen", package_id, at=now, before=before, after=after)
    return package


async def unfreeze(
    session: AsyncSession, runtime: Runtime, caller: Principal, package_id: UUID, now: datetime
) -> CustomerPackage:
    """From today on it can pay. Raises NotFrozen where no freeze is or comes."""
    business = await known_business(session, runtime, caller.business_id)
    package = await lock_sold(session, caller.business_id, package_id)
    before = state(package)
    package.unfreeze(local_date(now, business.time_zone))
    await session.flush()
    await wake_customer(session, caller.business_id, package.customer_id, now)
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
        "freezes": [one.days() for one in package.freezes],
    }
