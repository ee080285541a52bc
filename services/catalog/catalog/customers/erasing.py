"""A customer who wants to be forgotten is nobody from then on."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from catalog.customers.models import Customer
from catalog.customers.schemas import ContactPreferences
from chassis.outbox import publish_on_commit
from clients.mentions import forget_mentions
from contracts.catalog import CustomerRecordErased
from contracts.portal import ErasureRequested

NOBODY = "—"
NOTHING: dict[str, Any] = {
    "name": NOBODY,
    "email": None,
    "phone": None,
    "locale": None,
    "time_zone": None,
    "contact_preferences": ContactPreferences().model_dump(),
    "tags": [],
    "notes": "",
}


async def erase_customer(session: AsyncSession, event: ErasureRequested) -> None:
    """Everybody's copy is overwritten by the event of this change."""
    key = (event.business_id, event.customer_id)
    customer = await session.get(Customer, key, with_for_update={"key_share": True})
    if customer is not None:
        words = [word for word in (str(customer.id), customer.email, event.email) if word]
        await forget_mentions(session, event.business_id, words, [customer.id])
        archived_at = customer.archived_at or event.occurred_at
        values = NOTHING | {"archived_at": archived_at}
        publish_on_commit(session, customer.change(values, event.occurred_at))
    publish_on_commit(
        session,
        CustomerRecordErased(
            occurred_at=event.occurred_at,
            business_id=event.business_id,
            erasure_id=event.erasure_id,
            customer_id=event.customer_id,
        ),
    )
