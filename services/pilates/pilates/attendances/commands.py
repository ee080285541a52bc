"""Booking places: by the studio and by guests."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.problems import Forbidden, NotFound
from chassis.runtime import Runtime
from contracts.permissions import Permission
from pilates.attendances.booking import (
    Party,
    Payment,
    announce_booked,
    check_free,
    check_open,
    take_places,
)
from pilates.attendances.holding import HeldSession, has_begun, hold_session
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.attendances.models import Attendance, PaidWith
from pilates.attendances.people import Person, company_of, person_named
from pilates.attendances.problems import (
    NotPayableSo,
    SessionBegun,
    SessionFull,
    SignInToUseCredits,
)
from pilates.attendances.queries import read_session
from pilates.attendances.schemas import Companion, GuestPlacesWrite, PlacesWrite
from pilates.attendances.turning_away import turn_away
from pilates.class_sessions.models import ClassSession
from pilates.copies.queries import known_business, published_page
from pilates.drop_ins.asking import Asked, ask, in_money
from pilates.waitlist.joining import join
from pilates.waitlist.models import WaitlistEntry


class Booked(NamedTuple):
    held: HeldSession
    attendances: list[Attendance]
    entry: WaitlistEntry | None = None
    """Where there was no room, and the party waits for it."""
    asked: Asked = Asked()
    """Where it is to be paid before it stands."""

    @property
    def checkout_url(self) -> str | None:
        return self.asked.checkout_url


def check_may_manage(caller: Principal, row: ClassSession) -> None:
    """Raises Forbidden, unless the class is the caller's own to teach."""
    wide = caller.may(Permission.MANAGE_CALENDAR) or caller.may(Permission.MANAGE_CLASSES)
    own = caller.staff_id is not None and caller.staff_id == row.instructor_id
    if not (wide or own):
        raise Forbidden("You manage your own classes only.", missing=[Permission.MANAGE_CALENDAR])


async def book(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    wanted: PlacesWrite,
    now: datetime,
) -> Booked:
    """The studio books, also when the class has begun; room and credits bind it all the same."""
    business = await known_business(session, runtime, caller.business_id)
    people = await people_named(session, runtime, caller.business_id, wanted)
    row = await read_session(session, caller, session_id)
    check_may_manage(caller, row)
    if not wanted.join_waitlist:
        await turn_away(session, row, len(people), now)
    held = await hold_session(session, business, session_id, [people[0].id])
    payment = studio_payment(held, caller, wanted.pay_with)
    party = Party(people, payment, wanted.spot_ids, by=caller.actor)
    booked = await book_party(
        session,
        runtime,
        held,
        party,
        now,
        may_wait=wanted.join_waitlist,
        notify_customer=wanted.notify_customer,
    )
    after = {"session_id": str(session_id)}
    for attendance in booked.attendances:
        audit.record(session, caller, "place.booked", attendance.id, at=now, after=after)
    if booked.entry:
        audit.record(session, caller, "waitlist.joined", booked.entry.id, at=now, after=after)
    return booked


async def book_as_guest(
    session: AsyncSession, runtime: Runtime, slug: str, wanted: GuestPlacesWrite, now: datetime
) -> Booked:
    """Whoever comes by pays with money: credits are spent by who has signed in."""
    page = await published_page(session, runtime, slug)
    business = await known_business(session, runtime, page.business_id)
    people = await people_named(session, runtime, page.business_id, wanted)
    row = await session.get(ClassSession, (page.business_id, wanted.session_id))
    if row is None or row.template_id not in page.class_ids:
        raise NotFound
    if not wanted.join_waitlist:
        await turn_away(session, row, len(people), now)
    held = await hold_session(session, business, wanted.session_id, [people[0].id])
    if has_begun(held.row, now):
        raise SessionBegun(starts_at=held.row.starts_at.isoformat())
    payment = guest_payment(held, runtime, now)
    party = Party(people, payment, wanted.spot_ids, by="guest")
    return await book_party(session, runtime, held, party, now, may_wait=wanted.join_waitlist)


async def people_named(
    session: AsyncSession,
    runtime: Runtime,
    business_id: UUID,
    wanted: PlacesWrite | GuestPlacesWrite,
) -> list[Person]:
    customer_id = wanted.customer_id if isinstance(wanted, PlacesWrite) else None
    first = await person_named(session, runtime, business_id, customer_id, wanted.customer)
    others = [
        await companion(session, runtime, business_id, first, one) for one in wanted.companions
    ]
    return [first, *others]


async def companion(
    session: AsyncSession, runtime: Runtime, business_id: UUID, first: Person, one: Companion
) -> Person:
    if one.customer_id is None and one.name is None:
        return company_of(first)
    return await person_named(session, runtime, business_id, one.customer_id, one)


def studio_payment(held: HeldSession, caller: Principal, wanted: str | None) -> Payment:
    """Nothing, where the class costs something, is a gift that not everybody may make."""
    row = held.row
    if wanted is None:
        with_ = PaidWith.CREDIT if row.credit_cost else free_or_at_studio(held)
    else:
        with_ = PaidWith(wanted)
    costs: dict[PaidWith, int] = {
        PaidWith.CREDIT: row.credit_cost,
        PaidWith.AT_STUDIO: row.price_cents,
    }
    if with_ in costs and not costs[with_]:
        raise NotPayableSo(credit_cost=row.credit_cost, price_cents=row.price_cents)
    is_gift = with_ == PaidWith.NOTHING and (row.credit_cost or row.price_cents)
    if is_gift and not caller.may(Permission.MANAGE_PACKAGES):
        missing = [Permission.MANAGE_PACKAGES]
        raise Forbidden("Not everybody may give a class for nothing.", missing=missing)
    return Payment(with_)


def guest_payment(held: HeldSession, runtime: Runtime, now: datetime) -> Payment:
    if held.row.credit_cost and not held.row.price_cents:
        raise SignInToUseCredits
    return in_money(held, runtime, now)


def free_or_at_studio(held: HeldSession) -> PaidWith:
    return PaidWith.AT_STUDIO if held.row.price_cents else PaidWith.NOTHING


async def book_party(
    session: AsyncSession,
    runtime: Runtime,
    held: HeldSession,
    party: Party,
    now: datetime,
    *,
    may_wait: bool,
    notify_customer: bool = True,
) -> Booked:
    """Room, spots and credits, decided together; or a place in the queue, or the reason why not."""
    await bring_up_to_date(session, held, now)
    check_open(held, len(party.people))
    try:
        check_free(held, len(party.people))
    except SessionFull:
        if not may_wait:
            raise
        entry = await join(session, held, party, now, notify_customer=notify_customer)
        finish(session, held, now)
        return Booked(held, [], entry)
    taken = await take_places(session, held, party, now)
    asked = ask(session, runtime, held, taken)
    await announce_booked(
        session, held, taken, now, to_payer=asked.told, notify_customer=notify_customer
    )
    finish(session, held, now)
    return Booked(held, taken, asked=asked)
