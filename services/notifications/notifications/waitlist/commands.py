"""What is said to those who wait for a place."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.event import Event
from contracts.pilates import (
    PlaceOffered,
    WaiterSkipped,
    WaitlistEvent,
    WaitlistJoined,
    WaitlistLeft,
)
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say

KINDS: dict[type[Event], Kind] = {
    WaitlistJoined: Kind.WAITLIST_JOINED,
    PlaceOffered: Kind.PLACE_OFFERED,
    WaiterSkipped: Kind.WAITER_SKIPPED,
}


async def tell_waiter(session: AsyncSession, event: WaitlistEvent) -> None:
    entry, kind = event.entry, kind_of(event)
    if kind is None or not (event.notify_customer and entry.customer_email):
        return
    if entry.session.starts_at <= event.occurred_at:
        return
    await say(
        session,
        kind,
        Sender(event.business_id, entry.session.business_name, entry.session.locale),
        Reader(entry.customer_email, entry.customer_id, time_zone=entry.customer_time_zone),
        Subject(entry.id, entry.version),
        event.model_dump(),
        at=event.occurred_at,
    )


def kind_of(event: WaitlistEvent) -> Kind | None:
    """Of the ways to leave a waitlist, two come as a surprise: an offer has ended, or the class."""
    if not isinstance(event, WaitlistLeft):
        return KINDS[type(event)]
    if event.entry.status == "lapsed":
        return Kind.OFFER_LAPSED
    is_cancelled = event.entry.session.status == "cancelled"
    return Kind.WAITLIST_OVER if event.entry.status == "over" and is_cancelled else None
