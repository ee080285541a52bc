from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of
from chassis import audit
from chassis.auth import Principal
from chassis.problems import Forbidden
from chassis.runtime import Runtime
from contracts.permissions import Permission
from contracts.scheduling import AppointmentConfirmed, AppointmentRequested
from scheduling.appointments.announcing import announce, snapshot
from scheduling.appointments.answers import check_answers
from scheduling.appointments.booking import Booking, Person, Wish, decide, take
from scheduling.appointments.models import Appointment, Status
from scheduling.appointments.schemas import AppointmentWrite, Guest, GuestBooking
from scheduling.copies.models import Business, Customer
from scheduling.copies.queries import business_and_service, known, published_offer
from scheduling.deposits.asking import ask, terms_of
from scheduling.holds.holder import hashed
from scheduling.slots.refusal import FORCED, NOT_FOR_THE_STUDIO
from scheduling.things_needed.needs import needs_for_studio, needs_of_guest
from scheduling.things_needed.proposal import Proposal
from scheduling.things_needed.proposing import SETTLES_ITSELF_AFTER, propose


class GuestBooked(NamedTuple):
    appointment: Appointment
    checkout_url: str | None
    """Where the deposit is paid; absent where none is asked."""


async def book_as_guest(
    session: AsyncSession,
    runtime: Runtime,
    slug: str,
    wanted: GuestBooking,
    now: datetime,
) -> GuestBooked:
    """A guest is not looked up at catalog: booking goes on while catalog does not.

    Catalog hears of the booking, introduces the guest as a customer, and the copy of that
    customer then claims the appointment by its e-mail. Nor is a payment provider asked: the guest
    gets a link under which it will be.
    """
    page, business, service = await published_offer(session, runtime, slug, wanted.service_id)
    check_answers([*service.questions, *page.questions], wanted.answers)
    needs = await needs_of_guest(runtime, service)
    wish = Wish(
        business=business,
        service=service,
        staff_id=wanted.staff_id,
        starts_at=instant_of(wanted.starts_at, business.time_zone),
        holder=hashed(wanted.holder) if wanted.holder else None,
    )
    person = await decide(session, wish, now)
    deposit = terms_of(runtime, page, service, now)
    waits = service.requires_approval or deposit.cents or needs
    booking = Booking(
        person=await recognise(session, business.id, wanted.customer),
        answers=wanted.answers,
        status=Status.PENDING if waits else Status.CONFIRMED,
        # Time to pay begins when there is something to pay for.
        pay_by=None if needs else deposit.pay_by,
        deposit_cents=deposit.cents,
        needs=needs,
    )
    appointment = await take(session, wish, person, booking, now)
    confirms = not service.requires_approval
    if needs:
        asks = bool(deposit.cents)
        propose_booking(appointment, now, confirms=confirms, asks_deposit=asks)
        return GuestBooked(appointment, None)
    links = await ask(session, runtime, appointment, confirms=confirms)
    pay_url = links.pay_url if links else None
    await announce_booked(
        session, appointment, business, now, notify_customer=True, pay_url=pay_url
    )
    return GuestBooked(appointment, links.checkout_url if links else None)


def propose_booking(appointment: Appointment, now: datetime, **what: Any) -> None:
    """Its time is taken; whether it is booked is decided by whoever has what it needs."""
    proposal = Proposal(what="booking", action="appointment.booked", may_vanish=True, **what)
    propose(appointment, proposal, now + SETTLES_ITSELF_AFTER)


CUSTOMER_ID = select(Customer.id).where(
    Customer.business_id == bindparam("business_id"),
    Customer.email == bindparam("email"),
    Customer.archived_at.is_(None),
)


async def recognise(session: AsyncSession, business_id: UUID, guest: Guest) -> Person:
    """The customer with this e-mail, if known; what the guest typed stays on the appointment."""
    asked = {"business_id": business_id, "email": guest.email}
    customer_id = await session.scalar(CUSTOMER_ID, asked)
    return Person(customer_id, guest.name, guest.email, guest.phone, guest.time_zone)


async def book(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    wanted: AppointmentWrite,
    now: datetime,
) -> Appointment:
    """The studio books: notice, horizon and grid do not bind it; overlap does."""
    may_manage = caller.may(Permission.MANAGE_CALENDAR)
    if not may_manage and (wanted.staff_id is None or wanted.staff_id != caller.staff_id):
        raise Forbidden("You may book in your own calendar only.")
    business, service = await business_and_service(
        session, runtime, caller.business_id, wanted.service_id
    )
    wish = Wish(
        business=business,
        service=service,
        staff_id=wanted.staff_id,
        starts_at=instant_of(wanted.starts_at, business.time_zone),
        by_guest=False,
        overlooks=FORCED if wanted.outside_hours else NOT_FOR_THE_STUDIO,
    )
    needs = await needs_for_studio(runtime, service, wanted.pay_with)
    person = await decide(session, wish, now)
    booking = Booking(
        person=await person_for(session, runtime, business.id, wanted),
        status=Status.PENDING if needs else Status.CONFIRMED,
        needs=needs,
    )
    appointment = await take(session, wish, person, booking, now)
    if needs:
        propose_booking(appointment, now, actor=caller.actor, notify=wanted.notify_customer)
        return appointment
    await announce_booked(
        session, appointment, business, now, notify_customer=wanted.notify_customer
    )
    after = snapshot(appointment, business).model_dump(mode="json")
    audit.record(session, caller, "appointment.booked", appointment.id, at=now, after=after)
    return appointment


async def person_for(
    session: AsyncSession, runtime: Runtime, business_id: UUID, wanted: AppointmentWrite
) -> Person:
    if wanted.customer_id:
        customer = await known(session, runtime, Customer, business_id, wanted.customer_id)
        return Person(customer.id, customer.name, customer.email, customer.phone)
    assert wanted.customer is not None
    walk_in = wanted.customer
    if walk_in.email is None:
        return Person(None, walk_in.name, None, walk_in.phone)
    return await recognise(
        session,
        business_id,
        Guest(name=walk_in.name, email=walk_in.email, phone=walk_in.phone),
    )


async def announce_booked(
    session: AsyncSession,
    appointment: Appointment,
    business: Business,
    now: datetime,
    *,
    notify_customer: bool,
    pay_url: str | None = None,
) -> None:
    told: dict[str, Any] = {"notify_customer": notify_customer}
    if appointment.status == Status.PENDING:
        told["pay_url"] = pay_url
        await announce(session, appointment, business, AppointmentRequested, now, **told)
    else:
        await announce(session, appointment, business, AppointmentConfirmed, now, **told)
