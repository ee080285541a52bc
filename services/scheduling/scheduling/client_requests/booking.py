from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.audit import AuditEntry
from chassis.clock import Clock
from chassis.problems import InvalidRequest
from chassis.runtime import Runtime
from clients.answered_once import once
from contracts.client_requests import BookAppointmentAsCustomer, BookingReply
from scheduling.appointments.announcing import snapshot
from scheduling.appointments.answers import check_answers
from scheduling.appointments.booking import Booking, Person, Wish, decide, take
from scheduling.appointments.commands import announce_booked
from scheduling.appointments.models import Appointment, Status
from scheduling.client_requests.offered import asking_customer, offer_of
from scheduling.copies.models import Business
from scheduling.copies.queries import Offer
from scheduling.deposits.asking import Terms, ask, terms_of
from scheduling.things_needed.needs import Needs, needs_for_studio
from scheduling.things_needed.proposal import Proposal
from scheduling.things_needed.proposing import SETTLES_ITSELF_AFTER, propose

ACTION = "appointment.booked_by_customer"


@once(BookingReply)
async def book(
    session: AsyncSession, asked: BookAppointmentAsCustomer, clock: Clock
) -> BookingReply:
    """As a guest books, but for the credits that only who has signed in can spend."""
    runtime: Runtime = session.info["runtime"]
    offer = await offer_of(session, asked.business_id, asked.service_id)
    customer = await asking_customer(session, asked)
    check_answers([*offer.service.questions, *offer.page.questions], asked.answers)
    if asked.starts_at.second or asked.starts_at.microsecond:
        raise InvalidRequest("An appointment begins at a whole minute.")
    needs = await needs_for_studio(runtime, offer.service, asked.pay_with)
    wish = Wish(offer.business, offer.service, asked.staff_id, asked.starts_at)
    now = clock()
    staff_member = await decide(session, wish, now)
    deposit = deposit_of(runtime, offer, needs, now)
    person = Person(customer.id, customer.name, customer.email, customer.phone)
    waits = offer.service.requires_approval or deposit.cents or needs
    booking = Booking(
        person=person,
        answers=asked.answers,
        status=Status.PENDING if waits else Status.CONFIRMED,
        # Time to pay begins when there is something to pay for.
        pay_by=None if needs else deposit.pay_by,
        deposit_cents=deposit.cents,
        needs=needs,
    )
    appointment = await take(session, wish, staff_member, booking, now)
    confirms = not offer.service.requires_approval
    if needs:
        proposal = Proposal(
            what="booking",
            actor=f"customer:{customer.id}",
            action=ACTION,
            confirms=confirms,
            asks_deposit=bool(deposit.cents),
            may_vanish=True,
        )
        propose(appointment, proposal, now + SETTLES_ITSELF_AFTER)
        await session.flush()
        return BookingReply(appointment=snapshot(appointment, offer.business), settling=True)
    links = await ask(session, runtime, appointment, confirms=confirms)
    pay_url = links.pay_url if links else None
    await announce_booked(
        session, appointment, offer.business, now, notify_customer=True, pay_url=pay_url
    )
    return booked(session, appointment, offer.business, pay_url, now)


def deposit_of(runtime: Runtime, offer: Offer, needs: Needs, now: datetime) -> Terms:
    """What credits pay is not paid again with money."""
    if needs.credits:
        return Terms(0, None)
    return terms_of(runtime, offer.page, offer.service, now)


def booked(
    session: AsyncSession,
    appointment: Appointment,
    business: Business,
    pay_url: str | None,
    now: datetime,
) -> BookingReply:
    told = snapshot(appointment, business)
    session.add(
        AuditEntry(
            business_id=business.id,
            actor=f"customer:{appointment.customer_id}",
            action=ACTION,
            subject_id=appointment.id,
            before=None,
            after=told.model_dump(mode="json"),
            at=now,
        )
    )
    return BookingReply(appointment=told, pay_url=pay_url)
