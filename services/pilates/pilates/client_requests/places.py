from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.runtime import Runtime
from clients.answered_once import once
from contracts.client_requests import (
    BookPlaceAsCustomer,
    CancelPlaceAsCustomer,
    MovePlaceAsCustomer,
    PlacesReply,
)
from pilates.attendances.booking import Party, Payment
from pilates.attendances.cancelling import cancel_places
from pilates.attendances.commands import book_party
from pilates.attendances.holding import HeldSession, has_begun, hold_session, lock_sessions
from pilates.attendances.models import PaidWith
from pilates.attendances.moving import move_place
from pilates.attendances.people import person_of
from pilates.attendances.problems import NotPayableSo, SessionBegun
from pilates.client_requests.replies import (
    actor_of,
    asking_customer,
    note,
    own_business,
    own_place,
    reply_with,
)
from pilates.drop_ins.asking import in_money


@once(PlacesReply)
async def book(session: AsyncSession, asked: BookPlaceAsCustomer, clock: Clock) -> PlacesReply:
    customer = await asking_customer(session, asked)
    business = await own_business(session, asked)
    held = await hold_session(session, business, asked.session_id, [customer.id])
    now = clock()
    if has_begun(held.row, now):
        raise SessionBegun(starts_at=held.row.starts_at.isoformat())
    spots = [asked.spot_id] if asked.spot_id else []
    runtime = session.info["runtime"]
    payment = payment_of(held, asked.pay_with, runtime, now)
    party = Party([person_of(customer)], payment, spots, by=actor_of(asked))
    booked = await book_party(session, runtime, held, party, now, may_wait=asked.join_waitlist)
    for attendance in booked.attendances:
        note(session, asked, "place.booked_by_customer", attendance.id, clock)
    if booked.entry is not None:
        note(session, asked, "waitlist.joined_by_customer", booked.entry.id, clock)
    return reply_with(booked.held, booked.attendances, booked.entry, booked.asked)


def payment_of(held: HeldSession, wanted: str | None, runtime: Runtime, now: datetime) -> Payment:
    """A credit where the class costs one; else in money, as a guest: online where that is taken."""
    row = held.row
    with_credit = wanted == PaidWith.CREDIT or (wanted is None and row.credit_cost > 0)
    cost = row.credit_cost if with_credit else row.price_cents
    if wanted is not None and not cost:
        raise NotPayableSo(credit_cost=row.credit_cost, price_cents=row.price_cents)
    return Payment(PaidWith.CREDIT) if with_credit else in_money(held, runtime, now)


@once(PlacesReply)
async def cancel(session: AsyncSession, asked: CancelPlaceAsCustomer, clock: Clock) -> PlacesReply:
    """Late, it is cancelled all the same, and what paid for it is forfeited."""
    attendance = await own_place(session, asked, asked.attendance_id)
    await lock_sessions(session, asked.business_id, attendance.session_id)
    cancelled = await cancel_places(
        session,
        await own_business(session, asked),
        attendance.session_id,
        attendance.id,
        by="customer",
        actor=actor_of(asked),
        now=clock(),
        seen=asked.version_seen,
        whole_party=asked.whole_party,
        reason=asked.reason,
    )
    note(session, asked, "place.cancelled_by_customer", attendance.id, clock)
    return reply_with(cancelled.held, cancelled.attendances)


@once(PlacesReply)
async def move(session: AsyncSession, asked: MovePlaceAsCustomer, clock: Clock) -> PlacesReply:
    attendance = await own_place(session, asked, asked.attendance_id)
    here, there = attendance.session_id, asked.session_id
    await lock_sessions(session, asked.business_id, here, there)
    held, moved = await move_place(
        session,
        await own_business(session, asked),
        here,
        attendance.id,
        there,
        by="customer",
        now=clock(),
        seen=asked.version_seen,
        spot_id=asked.spot_id,
    )
    note(session, asked, "place.moved_by_customer", attendance.id, clock)
    return reply_with(held, [moved])
