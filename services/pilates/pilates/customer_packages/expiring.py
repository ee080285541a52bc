"""What becomes of packages by itself; the worker looks when the clock of their business says so.

No decision waits for it: whoever decides goes by the last day.
"""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.problems import NotFound
from chassis.runtime import Runtime
from contracts.pilates import PackageExpiryNeared
from pilates.copies.models import Business
from pilates.customer_packages.announcing import announce, changed
from pilates.customer_packages.ledger import expire
from pilates.customer_packages.locking import lock_package
from pilates.customer_packages.looked_at import told_at
from pilates.customer_packages.models import CustomerPackage


async def look_after_package(runtime: Runtime, key: Key) -> None:
    await in_transaction(runtime.sessions, partial(bring_up_to_date, runtime, key))


async def bring_up_to_date(runtime: Runtime, key: Key, session: AsyncSession) -> None:
    business_id, package_id = key
    await enter_business(session, business_id)
    package = await lock_package(session, business_id, package_id)
    now = runtime.clock()
    if package.look_at is None or now < package.look_at:
        return
    business = await session.get(Business, business_id)
    if business is None:
        raise NotFound
    await expire(session, business, package, now)
    today, telling = local_date(now, business.time_zone), told_at(package, business.time_zone)
    if telling is not None and telling <= now and package.balance > 0:
        package.expiry_told_at = now
        announce(session, business, package, PackageExpiryNeared, now)
    # Also where nothing but the day has changed: a freeze has begun or ended with it.
    changed(session, business, package, now)
    assert not package.balance or not package.has_expired(today)


look_after_packages = Due(CustomerPackage.look_at, look_after_package)
