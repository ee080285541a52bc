"""Who writes to whom: what every mail says beside its own facts, and whether it is wanted."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.languages import is_spoken
from contracts.notifications import Topic
from notifications.bounces.models import Bounce
from notifications.clients.models import Erasure
from notifications.copies.models import Business, Customer
from notifications.mail_settings.queries import settings_of
from notifications.unsubscribing.models import Unsubscription


@dataclass(frozen=True)
class Reader:
    """Of one mail; `customer_id` also where the mail is to the studio and speaks of a customer."""

    email: str
    customer_id: UUID | None = None
    is_customer: bool = True
    time_zone: str | None = None
    """Where a guest was as they booked; what catalog knows of a customer goes before it."""


async def letterhead(
    session: AsyncSession, business_id: UUID, business_name: str, locale: str, reader: Reader
) -> dict[str, Any]:
    business = await session.get(Business, business_id)
    settings = await settings_of(session, business_id)
    customer = await customer_of(session, business_id, reader)
    head: dict[str, Any] = {
        "business_id": business_id,
        "business_name": business_name,
        "locale": locale,
        "accent": settings.accent,
        "reply_to": settings.reply_to or (business.email if business else None),
        "portal_slug": business.slug if business else None,
    }
    head["reader_zone"] = reader.time_zone
    if customer:
        head["reader_zone"] = customer.time_zone or reader.time_zone
        if customer.locale and is_spoken(customer.locale):
            head["locale"] = customer.locale
    return head


async def customer_of(session: AsyncSession, business_id: UUID, reader: Reader) -> Customer | None:
    if not reader.is_customer:
        return None
    if reader.customer_id:
        return await session.get(Customer, (business_id, reader.customer_id))
    known = select(Customer).where(
        Customer.business_id == business_id,
        Customer.email == reader.email,
        Customer.archived_at.is_(None),
    )
    found: Customer | None = await session.scalar(known.limit(1))
    return found


def lock_of(customer_id: UUID) -> Any:
    """Its advisory lock: who writes of a client holds it together, who forgets them alone."""
    return func.hashtextextended(str(customer_id), 1)


async def is_erased(session: AsyncSession, business_id: UUID, customer_id: UUID | None) -> bool:
    if customer_id is None:
        return False
    await session.execute(select(func.pg_advisory_xact_lock_shared(lock_of(customer_id))))
    return await session.get(Erasure, (business_id, customer_id)) is not None


async def is_wanted(session: AsyncSession, business_id: UUID, topic: Topic, reader: Reader) -> bool:
    """Neither unsubscribed, nor told otherwise to the studio, nor to an address that bounces."""
    customer = await customer_of(session, business_id, reader)
    if customer and not customer.wants_mails:
        return False
    unwanted = select(Unsubscription.id).where(
        Unsubscription.business_id == business_id,
        Unsubscription.email == reader.email,
        Unsubscription.topic == topic,
    )
    bounced = select(Bounce.id).where(
        Bounce.business_id == business_id, Bounce.email == reader.email
    )
    return await session.scalar(unwanted.union_all(bounced).limit(1)) is None
