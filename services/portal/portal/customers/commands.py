from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import CustomerChanged
from portal.customers.models import Customer


async def keep(session: AsyncSession, event: CustomerChanged) -> None:
    await keep_copy(session, Customer, event.business_id, event.customer)
