from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import CustomerChanged
from contracts.pilates import WaitlistEntry as EntrySnapshot
from contracts.pilates import WaitlistEvent
from portal.copies.models import Customer
from portal.copies.queries import whose
from portal.erasures.queries import is_forgotten
from portal.waitlist.models import WaitlistEntry


async def keep_waiting(session: AsyncSession, event: WaitlistEvent) -> None:
    await keep_entry(session, event.business_id, event.entry)


async def keep_entry(session: AsyncSession, business_id: UUID, told: EntrySnapshot) -> None:
    """The newest version."""
    customer_id = await whose(session, business_id, told.customer_id, told.customer_email)
    if await is_forgotten(session, business_id, customer_id):
        return
    values: dict[str, Any] = {
        "business_id": business_id,
        "id": told.id,
        "version": told.version,
        "status": told.status,
        "customer_id": customer_id,
        "customer_email": told.customer_email if customer_id is None else None,
        "starts_at": told.session.starts_at,
        "told": told.model_dump(mode="json"),
    }
    statement = insert(WaitlistEntry).values(values)
    new = statement.excluded
    changing: dict[str, Any] = {n: new[n] for n in values if n not in ("business_id", "id")}
    changing["customer_id"] = func.coalesce(new.customer_id, WaitlistEntry.customer_id)
    newest = statement.on_conflict_do_update(
        index_elements=["business_id", "id"],
        set_=changing,
        where=WaitlistEntry.version <= new.version,
    )
    await session.execute(newest)


async def adopt_waiting(session: AsyncSession, event: CustomerChanged) -> None:
    """As bookings are adopted."""
    customer = event.customer
    if customer.email is None or customer.archived_at:
        return
    await keep_copy(session, Customer, event.business_id, customer)
    nobodys = await session.scalars(
        select(WaitlistEntry.id)
        .where(
            WaitlistEntry.business_id == event.business_id,
            WaitlistEntry.customer_id.is_(None),
            WaitlistEntry.customer_email == customer.email,
        )
        .order_by(WaitlistEntry.id)
        .with_for_update(key_share=True)
    )
    await session.execute(
        update(WaitlistEntry)
        .where(WaitlistEntry.business_id == event.business_id, WaitlistEntry.id.in_(nobodys.all()))
        .values(customer_id=customer.id, customer_email=None)
    )
