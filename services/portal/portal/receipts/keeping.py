from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import CustomerChanged
from contracts.pilates import DropInPaid, DropInRefunded, PackageSold
from contracts.receipts import Receipt as ReceiptSnapshot
from contracts.scheduling import DepositPaid, DepositRefunded
from portal.copies.models import Business, Customer
from portal.copies.queries import whose
from portal.erasures.queries import is_forgotten
from portal.receipts.models import Receipt


async def keep_deposit_receipt(session: AsyncSession, event: DepositPaid | DepositRefunded) -> None:
    told = event.appointment
    await keep(
        session,
        event.business_id,
        event.receipt,
        about=told.service_name,
        starts_at=told.starts_at,
        customer_id=told.customer_id,
        customer_email=told.customer_email,
        customer_name=told.customer_name,
        booking_id=told.id,
    )


async def keep_drop_in_receipt(session: AsyncSession, event: DropInPaid | DropInRefunded) -> None:
    """Whoever paid gets it, for whomever it was."""
    told = event.attendance
    await keep(
        session,
        event.business_id,
        event.receipt,
        about=told.session.name,
        starts_at=told.session.starts_at,
        customer_id=told.payer_id or told.customer_id,
        customer_email=told.payer_email or told.customer_email,
        customer_name=told.customer_name,
        booking_id=told.id,
    )


async def keep_package_receipt(session: AsyncSession, event: PackageSold) -> None:
    if event.receipt is None:
        return
    told = event.package
    await keep(
        session,
        event.business_id,
        event.receipt,
        about=told.name,
        starts_at=None,
        customer_id=told.customer_id,
        customer_email=told.customer_email,
        customer_name=told.customer_name,
        package_id=told.id,
    )


async def keep(
    session: AsyncSession, business_id: UUID, told: ReceiptSnapshot, **about: Any
) -> None:
    """Once: a receipt never changes."""
    customer_id = await whose(session, business_id, about["customer_id"], about["customer_email"])
    if await is_forgotten(session, business_id, customer_id):
        return
    values = told.model_dump() | about | {"business_id": business_id, "customer_id": customer_id}
    values["customer_email"] = about["customer_email"] if customer_id is None else None
    values["issuer"] = await issuer_of(session, business_id)
    await session.execute(insert(Receipt).values(values).on_conflict_do_nothing())


async def issuer_of(session: AsyncSession, business_id: UUID) -> dict[str, Any] | None:
    business = await session.get(Business, business_id)
    if business is None:
        return None
    return {"name": business.name, "email": business.email, "billing": business.billing}


async def adopt_receipts(session: AsyncSession, event: CustomerChanged) -> None:
    """As bookings are adopted."""
    customer = event.customer
    if customer.email is None or customer.archived_at:
        return
    await keep_copy(session, Customer, event.business_id, customer)
    nobodys = await session.scalars(
        select(Receipt.id)
        .where(
            Receipt.business_id == event.business_id,
            Receipt.customer_id.is_(None),
            Receipt.customer_email == customer.email,
        )
        .order_by(Receipt.id)
        .with_for_update(key_share=True)
    )
    await session.execute(
        update(Receipt)
        .where(Receipt.business_id == event.business_id, Receipt.id.in_(nobodys.all()))
        .values(customer_id=customer.id, customer_email=None)
    )
