from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, set_local
from chassis.problems import NotFound
from portal.copies.models import Business, Customer


async def business_named(session: AsyncSession, slug: str) -> Business:
    """From here on the transaction is in that business. Raises NotFound."""
    # Row-level security lets the one be read whose slug is asked for.
    await set_local(session, "app.business_slug", slug)
    business = await session.scalar(select(Business).where(Business.slug == slug))
    if business is None:
        raise NotFound
    await enter_business(session, business.business_id)
    return business


async def customer_with_email(
    session: AsyncSession, business_id: UUID, email: str | None
) -> Customer | None:
    if email is None:
        return None
    customer: Customer | None = await session.scalar(
        select(Customer)
        .where(
            Customer.business_id == business_id,
            Customer.email == email,
            Customer.archived_at.is_(None),
        )
        .order_by(Customer.id)
        .limit(1)
    )
    return customer


async def whose(
    session: AsyncSession, business_id: UUID, customer_id: UUID | None, email: str | None
) -> UUID | None:
    """A guest who is no customer in the event may be one by now."""
    if customer_id is not None:
        return customer_id
    customer = await customer_with_email(session, business_id, email)
    return customer.id if customer else None
