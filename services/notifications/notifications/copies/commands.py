from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import CustomerChanged
from notifications.copies.models import Customer
from notifications.messages.letterhead import is_erased


async def keep_customers(session: AsyncSession, event: CustomerChanged) -> None:
    """But for those whom we are to forget, of whom an older event may still come."""
    if not await is_erased(session, event.business_id, event.customer.id):
        await keep_copy(session, Customer, event.business_id, event.customer)
