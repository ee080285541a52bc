from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.problems import NotFound
from chassis.runtime import Runtime
from pilates.attendances.booking import Party, Payment, announce_booked, check_open, fullness
from pilates.attendances.commands import Booked, check_may_manage, studio_payment
from pilates.attendances.holding import HeldSession, hold_session
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.attendances.models import PaidWith
from pilates.attendances.people import company_of, person_of
from pilates.attendances.problems import SessionFull
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business, Customer
from pilates.copies.queries import known, known_business
from pilates.drop_ins.asking import ask, in_money
from pilates.waitlist.announcing import leave as leave_queue
from pilates.waitlist.joining import RANK_STEP, join
from pilates.waitlist.models import Status, WaitlistEntry
from pilates.waitlist.problems import NothingToWaitFor, NotWaiting, OfferGone, OrderRefused
from pilates.waitlist.promoting import take
from pilates.waitlist.schemas import WaitlistOrder, WaitlistWrite


async def add(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    wanted: WaitlistWrite,
    now: datetime,
) -> tuple[HeldSession, WaitlistEntry]:
    business = await known_business(session, runtime, caller.business_id)
    customer = await known(session, runtime, Customer, caller.business_id, wanted.customer_id)
    held = await hold_session(session, business, session_id)
    check_may_manage(caller, held.row)
    person = person_of(customer)
    people = [person, *([company_of(person)] * (wanted.party_size - 1))]
    party = Party(people, studio_payment(held, caller, wanted.pays_with))
    entry = await wait_in(session, held, party, now, notify_customer=wanted.notify_customer)
    after = {"session_id": str(session_id), "party_size": wanted.party_size}
    audit.record(session, caller, "waitlist.joined", entry.id, at=now, after=after)
    return held, entry


async def wait_in(
    session: AsyncSession,
    held: HeldSession,
    party: Party,
    now: datetime,
    *,
    notify_customer: bool = True,
) -> WaitlistEntry:
    """Raises NothingToWaitFor where the party would find room at once."""
    await bring_up_to_date(session, held, now)
    check_open(held, len(party.people))
    if held.free() >= len(party.people):
        raise NothingToWaitFor(free=held.free())
    entry = await join(session, held, party, now, notify_customer=notify_customer)
    finish(session, held, now)
    return entry


async def reorder(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    wanted: WaitlistOrder,
    now: datetime,
) -> HeldSession:
    """The whole queue, as it is to stand: whoever joined meanwhile is not lost unseen."""
    business = await known_business(session, runtime, caller.business_id)
    held = await hold_session(session, business, session_id)
    check_may_manage(caller, held.row)
    await bring_up_to_date(session, held, now)
    entries = {entry.id: entry for entry in held.queue}
    before = list(entries)
    missing = entries.keys() - set(wanted.entry_ids)
    unknown = set(wanted.entry_ids) - entries.keys()
    if missing or unknown or len(wanted.entry_ids) != len(entries):
        raise OrderRefused(missing=sorted(map(str, missing)), unknown=sorted(map(str, unknown)))
    for place, id_ in enumerate(wanted.entry_ids, 1):
        entries[id_].rank = place * RANK_STEP
        entries[id_].version += 1
    held.queue.sort(key=lambda entry: entry.rank)
    audit.record(
        session,
        caller,
        "waitlist.reordered",
        session_id,
        at=now,
        before={"order": [str(id_) for id_ in before]},
        after={"order": [str(id_) for id_ in wanted.entry_ids]},
    )
    return held


async def remove(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    entry_id: UUID,
    now: datetime,
) -> None:
    business = await known_business(session, runtime, caller.business_id)
    row = await session.get(ClassSession, (caller.business_id, session_id))
    if row is None:
        raise NotFound
    check_may_manage(caller, row)
    await leave(session, business, session_id, entry_id, now)
    audit.record(session, caller, "waitlist.left", entry_id, at=now)


async def leave(
    session: AsyncSession, business: Business, session_id: UUID, entry_id: UUID, now: datetime
) -> WaitlistEntry:
    """Out of the queue, or an offer declined: then it goes to whoever is next."""
    held = await hold_session(session, business, session_id, frees_a_place=True)
    entry = await named(session, held, entry_id)
    was_offered = entry.status == Status.OFFERED
    leave_queue(session, held, entry, Status.DECLINED if was_offered else Status.LEFT, now)
    await bring_up_to_date(session, held, now)
    finish(session, held, now)
    return entry


async def accept(
    session: AsyncSession,
    runtime: Runtime,
    business: Business,
    session_id: UUID,
    entry_id: UUID,
    now: datetime,
) -> Booked:
    """Raises OfferGone iff `now >= offer_expires_at`; NoCredit leaves the offer as it is.

    Whoever pays with a drop-in has the place, and pays it from now on.
    """
    entry = await session.get(WaitlistEntry, (business.business_id, entry_id))
    payer_id = entry.customer_id if entry else None
    held = await hold_session(session, business, session_id, [payer_id])
    entry = await named(session, held, entry_id)
    if entry.status != Status.OFFERED:
        raise NotWaiting(waitlist_status=entry.status)
    assert entry.offer_expires_at is not None
    if now >= entry.offer_expires_at:
        raise OfferGone(offer_expires_at=entry.offer_expires_at.isoformat())
    if held.taken() + entry.party_size > held.effective_capacity:
        # A machine has gone out of service since it was offered.
        raise SessionFull(**fullness(held))
    payment = Payment(PaidWith(entry.pays_with))
    if payment.with_ == PaidWith.DROP_IN:
        payment = in_money(held, runtime, now)
    taken = await take(session, held, entry, payment, now, late=False)
    asked = ask(session, runtime, held, taken)
    await announce_booked(session, held, taken, now, promoted=True, to_payer=asked.told)
    finish(session, held, now)
    return Booked(held, taken, asked=asked)


async def accept_for(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    entry_id: UUID,
    now: datetime,
) -> Booked:
    """The studio, on the telephone with the customer."""
    business = await known_business(session, runtime, caller.business_id)
    row = await session.get(ClassSession, (caller.business_id, session_id))
    if row is None:
        raise NotFound
    check_may_manage(caller, row)
    booked = await accept(session, runtime, business, session_id, entry_id, now)
    audit.record(session, caller, "waitlist.accepted", entry_id, at=now)
    return booked


async def named(session: AsyncSession, held: HeldSession, entry_id: UUID) -> WaitlistEntry:
    """Raises NotFound, and NotWaiting for one that is over."""
    entry = next((one for one in held.queue if one.id == entry_id), None)
    if entry is not None:
        return entry
    over = await session.get(
        WaitlistEntry, (held.row.business_id, entry_id), populate_existing=True
    )
    if over is None or over.session_id != held.row.id:
        raise NotFound
    raise NotWaiting(waitlist_status=over.status)
