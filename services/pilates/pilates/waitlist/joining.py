"""Into the queue of a session that is full."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.attendances.booking import Party
from pilates.attendances.holding import HeldSession
from pilates.attendances.people import new_row_id
from pilates.attendances.problems import AlreadyBooked
from pilates.waitlist.announcing import announce_joined
from pilates.waitlist.models import Status, WaitlistEntry
from pilates.waitlist.problems import AlreadyWaiting, WaitlistClosed
from pilates.waitlist.promoting import closes_at

RANK_STEP = 1024
"""So much room is left between two, for whoever is put between them."""

JOIN = insert(WaitlistEntry).on_conflict_do_nothing().returning(WaitlistEntry)


async def join(
    session: AsyncSession,
    held: HeldSession,
    party: Party,
    now: datetime,
    *,
    notify_customer: bool = True,
) -> WaitlistEntry:
    """The last of the queue, under the session's lock.

    Raises WaitlistClosed where nobody is promoted any more, AlreadyWaiting, and AlreadyBooked for
    whoever has a place in this very session.
    """
    if now > closes_at(held):
        raise WaitlistClosed(closed_at=closes_at(held).isoformat())
    payer, id_ = party.payer, new_row_id()
    person = payer.key(id_)
    if there := next((one for one in held.attendances if one.person == person), None):
        raise AlreadyBooked(session_id=str(held.row.id), attendance_id=str(there.id))
    values = {
        "business_id": held.row.business_id,
        "id": id_,
        "version": 1,
        "status": Status.WAITING,
        "session_id": held.row.id,
        "person": person,
        "customer_id": payer.id,
        "customer_name": payer.name,
        "customer_email": payer.email,
        "customer_phone": payer.phone,
        "customer_time_zone": payer.time_zone,
        "party_size": len(party.people),
        "pays_with": party.payment.with_,
        "rank": max((one.rank for one in held.queue), default=0) + RANK_STEP,
        "joined_at": now,
        "look_at": held.row.starts_at,
    }
    entry: WaitlistEntry | None = await session.scalar(JOIN, values)
    if entry is None:
        raise AlreadyWaiting
    held.queue.append(entry)
    held.touched = True
    announce_joined(session, held, entry, now, notify_customer=notify_customer)
    return entry
