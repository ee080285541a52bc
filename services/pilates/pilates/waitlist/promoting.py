"""A place is free before the cut-off: the first who can have it gets it, or the offer of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from chassis.problems import TryAgain
from contracts.pilates import PlaceOffered, SkipReason, WaiterSkipped
from pilates.attendances.booking import (
    Party,
    Payment,
    announce_booked,
    charge_for,
    take_places,
)
from pilates.attendances.holding import HeldSession
from pilates.attendances.models import TAKEN, Attendance, PaidWith
from pilates.attendances.people import Person, company_of
from pilates.attendances.problems import AlreadyBooked
from pilates.class_sessions.models import Status as SessionStatus
from pilates.customer_packages.paying import can_pay
from pilates.waitlist.announcing import leave, snapshot
from pilates.waitlist.models import Status, WaitlistEntry
from pilates.waitlist.quiet_hours import answer_until

WAITLIST = "waitlist"
"""Who did it, for the ledger: nobody but the queue itself."""


def closes_at(held: HeldSession) -> datetime:
    """The last instant, inclusive, at which somebody is promoted."""
    return held.row.starts_at - timedelta(minutes=held.row.waitlist_cutoff_minutes)


async def promote(session: AsyncSession, held: HeldSession, now: datetime) -> list[WaitlistEntry]:
    """Places that are free go to the queue, in order; call it under the session's lock.

    Whoever cannot have one now keeps the place in the queue, with the reason.
    """
    waiting = [one for one in held.queue if one.status == Status.WAITING]
    open_ = held.row.status == SessionStatus.PUBLISHED and now <= closes_at(held)
    if not waiting or not open_ or held.free() <= 0:
        return []
    busy = await busy_people(session, held, waiting)
    served = []
    for entry in waiting:
        if held.free() <= 0:
            break
        reason = why_skipped(held, entry, busy, now) or await serve(session, held, entry, now)
        if reason is None:
            served.append(entry)
        else:
            skip(session, held, entry, reason, now)
    return served


async def serve(
    session: AsyncSession, held: HeldSession, entry: WaitlistEntry, now: datetime
) -> SkipReason | None:
    """None if it has a place now, or the offer of one."""
    if has_to_accept(held, entry):
        offer(session, held, entry, now)
        return None
    try:
        payment = Payment(PaidWith(entry.pays_with))
        taken = await take(session, held, entry, payment, now, late=True)
    except (AlreadyBooked, TryAgain):
        # Since we looked, this person has taken a place in a session that is not locked here.
        return "time_conflict"
    await announce_booked(session, held, taken, now, promoted=True)
    return None


async def busy_people(
    session: AsyncSession, held: HeldSession, waiting: Sequence[WaitlistEntry]
) -> set[str]:
    """Who has another place at that time, in whichever session."""
    row = held.row
    found = await session.scalars(
        select(Attendance.person).where(
            Attendance.business_id == row.business_id,
            Attendance.person.in_([entry.person for entry in waiting]),
            Attendance.status.in_(TAKEN),
            tuple_(Attendance.starts_at, Attendance.ends_at).op("OVERLAPS")(
                tuple_(row.starts_at, row.ends_at)
            ),
        )
    )
    return set(found)


def why_skipped(
    held: HeldSession, entry: WaitlistEntry, busy: set[str], now: datetime
) -> SkipReason | None:
    if entry.person in busy:
        return "time_conflict"
    if entry.party_size > held.free():
        return "party_too_large"
    if entry.pays_with != PaidWith.CREDIT:
        return None
    if entry.customer_id is None:
        return "not_a_customer"
    charge = charge_for(held, None)
    zone = held.business.time_zone
    payable = can_pay(held.packages, entry.customer_id, charge, entry.party_size, zone, now)
    return None if payable else "no_credit"


def skip(
    session: AsyncSession,
    held: HeldSession,
    entry: WaitlistEntry,
    reason: SkipReason,
    now: datetime,
) -> None:
    """Told once, and again where the reason is another one."""
    is_news = entry.skip_reason != reason
    entry.skip_reason, entry.skipped_at = reason, now
    if is_news:
        entry.version += 1
        told = snapshot(entry, held)
        publish_on_commit(
            session,
            WaiterSkipped(
                occurred_at=now, business_id=entry.business_id, entry=told, reason=reason
            ),
        )


def has_to_accept(held: HeldSession, entry: WaitlistEntry) -> bool:
    """Money that is paid online cannot be taken from somebody who is not there."""
    return held.row.waitlist_mode == "offer" or entry.pays_with == PaidWith.DROP_IN


def offer(session: AsyncSession, held: HeldSession, entry: WaitlistEntry, now: datetime) -> None:
    row = held.row
    until = answer_until(
        now, row.offer_minutes, row.quiet_from, row.quiet_until, held.business.time_zone
    )
    entry.status, entry.version = Status.OFFERED, entry.version + 1
    entry.offer_expires_at = entry.look_at = min(until, row.starts_at)
    entry.skip_reason = entry.skipped_at = None
    held.touched = True
    publish_on_commit(
        session,
        PlaceOffered(occurred_at=now, business_id=row.business_id, entry=snapshot(entry, held)),
    )


async def take(
    session: AsyncSession,
    held: HeldSession,
    entry: WaitlistEntry,
    payment: Payment,
    now: datetime,
    *,
    late: bool,
) -> list[Attendance]:
    """What was waited for, which the caller announces.

    `late`: whoever did not ask for it now may decline, even inside the cancellation window.
    """
    person = Person(
        entry.customer_id,
        entry.customer_name,
        entry.customer_email,
        entry.customer_phone,
        entry.customer_time_zone,
    )
    party = Party(
        people=[person, *([company_of(person)] * (entry.party_size - 1))],
        payment=payment,
        decline_until=decline_until(held, now) if late else None,
        by=WAITLIST,
    )
    taken = await take_places(session, held, party, now)
    leave(session, held, entry, Status.PROMOTED, now)
    return taken


def decline_until(held: HeldSession, now: datetime) -> datetime | None:
    """Absent where the ordinary window is open for longer; never beyond the start."""
    row = held.row
    in_time = row.starts_at - timedelta(minutes=row.late_cancel_window_minutes)
    until = answer_until(
        now, row.decline_minutes, row.quiet_from, row.quiet_until, held.business.time_zone
    )
    until = min(until, row.starts_at)
    return until if until > in_time else None
