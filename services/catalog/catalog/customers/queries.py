from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.customers.models import Customer
from catalog.customers.schemas import CustomerFilter
from chassis.database import Sessions, enter_business, in_transaction
from chassis.pages import read_page
from chassis.problems import NotFound

BATCH = 1000


async def read(session: AsyncSession, business_id: UUID, customer_id: UUID) -> Customer:
    customer = await session.get(Customer, (business_id, customer_id))
    if customer is None:
        raise NotFound
    return customer


async def find(
    session: AsyncSession, business_id: UUID, wanted: CustomerFilter, *, notes_too: bool
) -> tuple[list[Customer], str | None]:
    customers = select(Customer).where(Customer.business_id == business_id)
    if not wanted.archived:
        customers = customers.where(Customer.archived_at.is_(None))
    if wanted.tag:
        customers = customers.where(Customer.tags.contains([wanted.tag]))
    if wanted.q:
        searched = [Customer.name, Customer.email, Customer.phone]
        searched += [Customer.notes] if notes_too else []
        customers = customers.where(
            or_(*(column.icontains(wanted.q, autoescape=True) for column in searched))
        )
    return await read_page(session, customers, (Customer.name, Customer.id), wanted)


async def in_batches(sessions: Sessions, business_id: UUID) -> AsyncIterator[Sequence[Row[Any]]]:
    """All present customers by id; no connection is held while a slow reader reads."""
    columns = (
        Customer.id,
        Customer.name,
        Customer.email,
        Customer.phone,
        Customer.locale,
        Customer.time_zone,
        Customer.tags,
        Customer.notes,
    )
    present = (
        select(*columns)
        .where(Customer.business_id == business_id, Customer.archived_at.is_(None))
        .order_by(Customer.id)
        .limit(BATCH)
    )
    after = UUID(int=0)
    while True:

        async def read_next(session: AsyncSession, after: UUID = after) -> Sequence[Row[Any]]:
            await enter_business(session, business_id)
            found: Any = await session.execute(present.where(Customer.id > after))
            return found.all()  # type: ignore[no-any-return]

        rows: Sequence[Row[Any]] = await in_transaction(sessions, read_next)
        if not rows:
            return
        yield rows
        after = rows[-1].id
