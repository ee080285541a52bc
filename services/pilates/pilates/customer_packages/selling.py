"""A package is sold, or its sale taken back; with the receipt of what was paid."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis import audit
from chassis.auth import Principal
from chassis.runtime import Runtime
from contracts.moments import begin_of
from contracts.pilates import PackageSold, PackageVoided
from pilates.copies.models import Business, Customer
from pilates.copies.queries import known, known_business
from pilates.customer_packages.announcing import announce
from pilates.customer_packages.ledger import append, expire, new_entry
from pilates.customer_packages.locking import lock_package, lock_sold
from pilates.customer_packages.models import CustomerPackage, LedgerKind
from pilates.customer_packages.pro_rata import value_cents
from pilates.customer_packages.problems import (
    BoughtBefore,
    PackageExpired,
    RefundTooHigh,
    SoldInTheFuture,
)
from pilates.customer_packages.schemas import PackageSale, VoidRequest
from pilates.package_types.commands import for_sale
from pilates.package_types.models import PackageType, ValidFrom
from pilates.receipts.issuing import Paid, issue, snapshot
from pilates.receipts.models import Receipt

AS_SOLD = ("name", "credits", "service_ids", "template_ids", "validity_days", "valid_from")
"""Of the type, kept with each package that is sold of it."""


async def sell(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    wanted: PackageSale,
    now: datetime,
) -> tuple[CustomerPackage, Receipt | None]:
    """Raises BoughtBefore for what is sold once to each."""
    business = await known_business(session, runtime, caller.business_id)
    customer = await known(session, runtime, Customer, caller.business_id, wanted.customer_id)
    type_ = await for_sale(session, caller.business_id, wanted.package_type_id)
    values = as_sold(business, type_, wanted, now) | {"customer_id": customer.id}
    new = insert(CustomerPackage).values(values).on_conflict_do_nothing()
    package_id = await session.scalar(new.returning(CustomerPackage.id))
    if package_id is None:
        raise BoughtBefore
    package = await lock_package(session, caller.business_id, package_id)
    entry = new_entry(
        package, LedgerKind.SALE, package.credits, caller.actor, now, about=package.name
    )
    await append(session, business, package, entry, now)
    receipt = await receipt_for(session, "payment", package, package.price_cents, now)
    told = snapshot(receipt) if receipt else None
    announce(session, business, package, PackageSold, now, receipt=told)
    after = {"customer_id": str(customer.id), "price_cents": package.price_cents}
    audit.record(session, caller, "package.sold", package.id, at=now, after=after)
    return package, receipt


def as_sold(
    business: Business, type_: PackageType, wanted: PackageSale, now: datetime
) -> dict[str, object]:
    """Raises SoldInTheFuture, or PackageExpired for what would be over already."""
    today = local_date(now, business.time_zone)
    sold_on = wanted.sold_on or today
    if sold_on > today:
        raise SoldInTheFuture(today=today.isoformat())
    from_purchase = type_.valid_from == ValidFrom.PURCHASE
    last_day = last_day_of(type_, sold_on) if from_purchase else None
    if last_day is not None and last_day < today:
        raise PackageExpired(expires_on=last_day.isoformat())
    price = type_.price_cents if wanted.price_cents is None else wanted.price_cents
    return {name: getattr(type_, name) for name in AS_SOLD} | {
        "business_id": business.business_id,
        "version": 1,
        "package_type_id": type_.id,
        "once_per_customer": type_.once_per_customer,
        "price_cents": 0 if wanted.paid_with == "free" else price,
        "currency": business.currency,
        "balance": 0,
        "entries": 0,
        "starts_on": sold_on if from_purchase else None,
        "runs_until": last_day,
        "expires_on": last_day,
        "paid_with": wanted.paid_with,
        "sold_at": now if sold_on == today else begin_of(sold_on, business.time_zone),
    }


def last_day_of(type_: PackageType, first_day: date) -> date | None:
    if type_.validity_days is None:
        return None
    return first_day + timedelta(days=type_.validity_days - 1)


async def void(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    package_id: UUID,
    wanted: VoidRequest,
    now: datetime,
) -> tuple[CustomerPackage, Receipt | None]:
    """What was left is taken, and what that is worth paid back; what it paid for stays paid."""
    business = await known_business(session, runtime, caller.business_id)
    package = await lock_sold(session, caller.business_id, package_id)
    await expire(session, business, package, now)
    left, price = package.balance, package.price_cents
    refund_cents = wanted.refund_cents
    if refund_cents is None:
        refund_cents = value_cents(price, left, package.credits)
    if refund_cents > price:
        raise RefundTooHigh(price_cents=price)
    package.voided_at = now
    if left:
        entry = new_entry(package, LedgerKind.VOID, -left, caller.actor, now, reason=wanted.reason)
        await append(session, business, package, entry, now)
    receipt = await receipt_for(session, "refund", package, refund_cents, now)
    told = snapshot(receipt) if receipt else None
    package.version += 1
    announce(session, business, package, PackageVoided, now, reason=wanted.reason, receipt=told)
    after = {"reason": wanted.reason, "credits": left, "refund_cents": refund_cents}
    audit.record(session, caller, "package.voided", package_id, at=now, after=after)
    return package, receipt


async def receipt_for(
    session: AsyncSession,
    kind: Literal["payment", "refund"],
    package: CustomerPackage,
    amount_cents: int,
    now: datetime,
) -> Receipt | None:
    if not amount_cents:
        return None
    paid = Paid(
        amount_cents=amount_cents,
        currency=package.currency,
        paid_with=package.paid_with,
        about=package.name,
        customer_id=package.customer_id,
        customer_name=package.customer.name,
        package_id=package.id,
    )
    return await issue(session, package.business_id, kind, paid, now)
