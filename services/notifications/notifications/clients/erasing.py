"""Forget a client: whatever names them, by id or by an address that they have or had."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Text, cast, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from clients.mentions import forget_mentions
from contracts.notifications import MessagesErased
from contracts.portal import ErasureRequested
from notifications.bookings.models import Booking
from notifications.bounces.models import Bounce
from notifications.clients.models import Erasure
from notifications.copies.models import Customer
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import lock_of
from notifications.messages.models import Message
from notifications.packages.models import Package
from notifications.studio.notices import NOTICES
from notifications.unsubscribing.models import Unsubscription

TO_SOMEBODY_ELSE = (*NOTICES, Kind.DAILY_AGENDA, Kind.EMAIL_CHANGE)
"""To the studio, and to an address that may be anybody's until its reader says otherwise."""


async def erase_client(session: AsyncSession, event: ErasureRequested) -> None:
    """What events that are still underway would bring back, their id keeps out."""
    await session.execute(select(func.pg_advisory_xact_lock(lock_of(event.customer_id))))
    erased = {"business_id": event.business_id, "id": event.customer_id, "at": event.occurred_at}
    await session.execute(insert(Erasure).values(erased).on_conflict_do_nothing())
    id_, emails = event.customer_id, await addresses_of(session, event)
    # The mails before the rows that they were made of; an agenda names everybody of a day.
    of_customer = (Message.customer_id == id_, Message.kind == Kind.DAILY_AGENDA)
    said = cast(Message.context, Text)
    of_guest = [said.icontains(f'"{email}"', autoescape=True) for email in emails]
    await forget(session, event, Message, *of_customer, Message.recipient.in_(emails), *of_guest)
    await forget(session, event, Booking, Booking.customer_id == id_, Booking.email.in_(emails))
    await forget(session, event, Package, Package.customer_id == id_)
    await forget(session, event, Customer, Customer.id == id_)
    await forget(session, event, Bounce, Bounce.customer_id == id_, Bounce.email.in_(emails))
    await forget(session, event, Unsubscription, Unsubscription.email.in_(emails))
    await forget_mentions(session, event.business_id, [str(id_), *emails])
    answer = MessagesErased(
        occurred_at=event.occurred_at,
        business_id=event.business_id,
        erasure_id=event.erasure_id,
        customer_id=event.customer_id,
    )
    publish_on_commit(session, answer)


async def addresses_of(session: AsyncSession, event: ErasureRequested) -> Collection[str]:
    """Those to which we wrote to them as well, but for what is another customer's by now."""
    theirs = (Message.business_id == event.business_id, Message.customer_id == event.customer_id)
    booked = (Booking.business_id == event.business_id, Booking.customer_id == event.customer_id)
    wrote = select(Message.recipient).where(*theirs, Message.kind.not_in(TO_SOMEBODY_ELSE))
    found = {str(email) for email in await session.scalars(wrote.distinct())}
    remind = select(Booking.email).where(*booked, Booking.email.is_not(None))
    found |= {str(email) for email in await session.scalars(remind.distinct())}
    taken = select(Customer.email).where(
        Customer.business_id == event.business_id,
        Customer.id != event.customer_id,
        Customer.email.in_(found),
        Customer.archived_at.is_(None),
    )
    others = {str(email).casefold() for email in await session.scalars(taken)}
    mine = {email for email in found if email.casefold() not in others}
    return mine | ({event.email} if event.email else set())


async def forget(
    session: AsyncSession, event: ErasureRequested, table: type[Any], *names: Any
) -> None:
    await session.execute(delete(table).where(table.business_id == event.business_id, or_(*names)))
