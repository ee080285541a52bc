"""What a studio owes: credits that were paid for and not used, by the ledger of any day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Numeric, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.auth import Principal
from chassis.runtime import Runtime
from contracts.moments import end_of
from pilates.copies.queries import known_business
from pilates.customer_packages.models import CustomerPackage, LedgerEntry, LedgerKind
from pilates.customer_packages.problems import NotYetOver
from pilates.customer_packages.schemas import Liability, Owed


async def liability(
    session: AsyncSession, runtime: Runtime, caller: Principal, on: date, now: datetime
) -> Liability:
    """At the end of that local day, when its last day is over for what expires on it."""
    business = await known_business(session, runtime, caller.business_id)
    today = local_date(now, business.time_zone)
    if on > today:
        raise NotYetOver(today=today.isoformat())
    until = end_of(on, business.time_zone)
    return Liability(on=on, until=until, owed=await owed_at(session, caller.business_id, on, until))


async def owed_at(
    session: AsyncSession, business_id: UUID, on: date, until: datetime
) -> list[Owed]:
    package, entry = CustomerPackage, LedgerEntry
    # An expiry is written as of the end of the last day, and belongs to that day.
    by_then = or_(entry.at < until, and_(entry.at == until, entry.kind == LedgerKind.EXPIRY))
    left = (
        select(entry.package_id, func.sum(entry.credits).label("credits"))
        .where(entry.business_id == business_id, by_then)
        .group_by(entry.package_id)
        .having(func.sum(entry.credits) > 0)
        .subquery()
    )
    paid_for = cast(func.least(left.c.credits, package.credits), Numeric)
    value = func.round(package.price_cents * paid_for / package.credits)
    # What is over by then is owed to nobody, whether or not anybody has swept it.
    unswept = and_(package.balance > 0, package.expires_on <= on)
    found = await session.execute(
        select(package.currency, func.count(), func.sum(left.c.credits), func.sum(value))
        .join(left, package.id == left.c.package_id)
        .where(package.business_id == business_id, func.coalesce(~unswept, True))
        .group_by(package.currency)
        .order_by(package.currency)
    )
    return [
        Owed(currency=currency, packages=packages, credits=int(credits_), value_cents=int(cents))
        for currency, packages, credits_, cents in found
    ]
