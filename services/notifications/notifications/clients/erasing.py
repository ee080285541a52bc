"""Forget a client: whatever names them, by id or by address."""

from typing import Any

from sqlalchemy import delete, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import OutboxMessage, publish_on_commit
from contracts.notifications import MessagesErased
from contracts.portal import ErasureRequested
from notifications.bookings.models import Booking
from notifications.bounces.models import Bounce
from notifications.clients.models import Erasure
from notifications.copies.models import Customer
from notifications.mails.kinds import Kind
from notifications.messages.models import Message
from notifications.packages.models import Package
from notifications.unsubscribing.models import Unsubscription


async def erase_client(session: AsyncSession, event: ErasureRequested) -> None:
    """What events that are still underway would bring back, their id keeps out."""
    erased = {"business_id": event.business_id, "id": event.customer_id, "at": event.occurred_at}
    await session.execute(insert(Erasure).values(erased).on_conflict_do_nothing())
    # The mails before the rows that they were made of; an agenda names everybody of a day.
    id_ = event.customer_id
    of_customer = (Message.customer_id == id_, Message.kind == Kind.DAILY_AGENDA)
    await forget(session, event, Message, *of_customer)
    await forget(session, event, Booking, Booking.customer_id == id_)
    await forget(session, event, Package, Package.customer_id == id_)
    await forget(session, event, Customer, Customer.id == id_)
    if event.email:
        await forget_address(session, event, event.email)
    answer = MessagesErased(
        occurred_at=event.occurred_at,
        business_id=event.business_id,
        erasure_id=event.erasure_id,
        customer_id=event.customer_id,
    )
    publish_on_commit(session, answer)


async def forget_address(session: AsyncSession, event: ErasureRequested, email: str) -> None:
    await forget(session, event, Message, Message.recipient == email)
    await forget(session, event, Booking, Booking.email == email)
    await forget(session, event, Bounce, Bounce.email == email)
    await forget(session, event, Unsubscription, Unsubscription.email == email)
    # Our own events name addresses; those that have left need not be kept for a replay.
    ours = OutboxMessage.address.endswith(f".{event.business_id}", autoescape=True)
    named = OutboxMessage.body.icontains(email, autoescape=True)
    left = OutboxMessage.published_at.is_not(None)
    await session.execute(delete(OutboxMessage).where(ours, named, left))


async def forget(
    session: AsyncSession, event: ErasureRequested, table: type[Any], *names: Any
) -> None:
    await session.execute(delete(table).where(table.business_id == event.business_id, or_(*names)))
