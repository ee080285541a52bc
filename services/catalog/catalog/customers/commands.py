from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from catalog.bookings_ahead import bookings_ahead
from catalog.businesses.queries import region
from catalog.customers.models import Customer
from catalog.customers.phone import to_e164
from catalog.customers.problems import CustomerInUse
from catalog.customers.schemas import CustomerView, CustomerWrite
from chassis import audit
from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.problems import InvalidRequest, NotFound
from chassis.runtime import Runtime
from contracts.permissions import Permission


async def create(
    session: AsyncSession, caller: Principal, wanted: CustomerWrite, now: datetime
) -> Customer:
    values = {"notes": ""} | await values_of(session, caller, wanted)
    customer = Customer(business_id=caller.business_id, **values)
    session.add(customer)
    await session.flush()
    publish_on_commit(session, customer.changed(now))
    record(session, caller, "customer.created", customer, None, now)
    return customer


async def change(
    session: AsyncSession,
    caller: Principal,
    customer_id: UUID,
    wanted: CustomerWrite,
    seen: int | None,
    now: datetime,
) -> Customer:
    customer = await locked(session, caller, customer_id)
    before = snapshot(customer)
    check_version(customer.version, seen, before)
    values = await values_of(session, caller, wanted)
    publish_on_commit(session, customer.change(values, now))
    await session.flush()
    record(session, caller, "customer.changed", customer, before, now)
    return customer


async def archive(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    customer_id: UUID,
    seen: int | None,
    now: datetime,
) -> None:
    customer = await locked(session, caller, customer_id)
    before = snapshot(customer)
    check_version(customer.version, seen, before)
    if ahead := await bookings_ahead(runtime, caller.business_id, "customer", customer_id, now):
        raise CustomerInUse(f"{ahead} bookings lie ahead; move or cancel them.", bookings=ahead)
    publish_on_commit(session, customer.archive(now))
    record(session, caller, "customer.archived", customer, before, now)


async def values_of(
    session: AsyncSession, caller: Principal, wanted: CustomerWrite
) -> dict[str, Any]:
    """Columns to write; without the permission, notes are not among them."""
    values = wanted.model_dump(exclude={"notes"}) | {"tags": sorted(wanted.tags)}
    if caller.may(Permission.VIEW_CUSTOMER_NOTES):
        values["notes"] = wanted.notes or ""
    if wanted.phone is not None:
        try:
            values["phone"] = to_e164(wanted.phone, await region(session, caller.business_id))
        except ValueError as error:
            refused = {"pointer": "#/body/phone", "detail": str(error)}
            raise InvalidRequest(errors=[refused]) from error
    return values


async def locked(session: AsyncSession, caller: Principal, customer_id: UUID) -> Customer:
    customer = await session.get(
        Customer, (caller.business_id, customer_id), with_for_update={"key_share": True}
    )
    if customer is None or customer.archived_at:
        raise NotFound
    return customer


def snapshot(customer: Customer) -> dict[str, object]:
    return CustomerView.model_validate(customer).model_dump(mode="json", exclude={"notes"})


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    customer: Customer,
    before: dict[str, object] | None,
    now: datetime,
) -> None:
    audit.record(
        session, caller, action, customer.id, before=before, after=snapshot(customer), at=now
    )
