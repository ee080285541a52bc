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
    WaitlistLeft: Kind.OFFER_LAPSED,
}


async def tell_waiter(session: AsyncSession, event: WaitlistEvent) -> None:
    """Of the ways to leave a waitlist, only an offer that has ended comes as a surprise."""
    entry = event.entry
    if isinstance(event, WaitlistLeft) and entry.status != "lapsed":
        return
    if not (event.notify_customer and entry.customer_email):
        return
    if entry.session.starts_at <= event.occurred_at:
        return
    await say(
        session,
        KINDS[type(event)],
        Sender(event.business_id, entry.session.business_name, entry.session.locale),
        Reader(entry.customer_email, entry.customer_id, time_zone=entry.customer_time_zone),
        Subject(entry.id, entry.version),
        event.model_dump(),
        at=event.occurred_at,
    )
