from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.clock import Clock
from chassis.problems import InvalidRequest, NotFound, Stale
from clients.answered_once import once
from contracts.client_requests import AppointmentReply, RescheduleAppointmentAsCustomer
from contracts.scheduling import AppointmentRescheduled
from scheduling.appointments.announcing import announce
from scheduling.appointments.booking import problem_of
from scheduling.appointments.changes.hold_still import Held
from scheduling.appointments.changes.rescheduling import Place, place_of, service_of, shift
from scheduling.appointments.models import Appointment
from scheduling.appointments.problems import BeyondHorizon, NobodyOffersThis, TooShortNotice
from scheduling.claims import commands as claims
from scheduling.client_requests.own_appointment import (
    check_may_move,
    check_own,
    held,
    reply_with,
)
from scheduling.client_requests.slots import offered_shape, who_may_give_it
from scheduling.copies.models import Business, Service
from scheduling.slots.bookable_window import earliest_start, last_day
from scheduling.slots.refusal import why_not
from scheduling.slots.staff_time import read_staff_time
from scheduling.things_needed.proposal import Proposal, Whereto
from scheduling.things_needed.proposing import needs_hold_at, propose_move


@once(AppointmentReply)
async def reschedule(
    session: AsyncSession, asked: RescheduleAppointmentAsCustomer, clock: Clock
) -> AppointmentReply:
    """Accepts what `read_slots` offers. Identity, payments, price and answers stay."""
    one = await held_with_time(session, asked)
    appointment, now = one.appointment, clock()
    await check_may_move(session, appointment, now)
    lasts = appointment.ends_at - appointment.starts_at
    staff_id = asked.staff_id or appointment.staff_id
    if asked.starts_at.second or asked.starts_at.microsecond:
        raise InvalidRequest("An appointment begins at a whole minute.")
    place = Place(staff_id, asked.starts_at, asked.starts_at + lasts)
    if place == place_of(appointment):
        return AppointmentReply.model_validate({"appointment": one.before})
    service = await service_of(session, appointment)
    check_window(one.business, service, place, now)
    await check_free(session, one, service, place, now)
    if needs_hold_at(appointment, place.starts_at, place.ends_at):
        proposal = Proposal(
            what="move",
            actor=f"customer:{asked.customer_id}",
            action="appointment.rescheduled_by_customer",
            whereto=Whereto(**vars(place)),
        )
        # Nobody waits in this request: the worker asks for what it needs, and that at once.
        await propose_move(session, appointment, proposal, now, now)
        return AppointmentReply.model_validate({"appointment": one.before, "settling": True})
    previous = await shift(session, one, place, now)
    fact = await announce(
        session, appointment, one.business, AppointmentRescheduled, now, **previous
    )
    return reply_with(session, one, asked, "appointment.rescheduled_by_customer", fact)


async def held_with_time(session: AsyncSession, asked: RescheduleAppointmentAsCustomer) -> Held:
    """With the time of its staff member, and of the new one, locked before it."""
    key = (asked.business_id, asked.appointment_id)
    appointment = check_own(await session.get(Appointment, key), asked)
    service = await service_of(session, appointment)
    wanted = asked.staff_id or appointment.staff_id
    who_may_give_it(appointment, service, wanted)
    locked = {appointment.staff_id, wanted}
    people = await claims.lock_staff(session, asked.business_id, locked)
    await session.refresh(appointment, with_for_update={"key_share": True})
    if appointment.customer_id != asked.customer_id:
        raise NotFound
    if appointment.staff_id not in locked:
        raise Stale(current_version=appointment.version)
    if wanted not in people:
        raise NobodyOffersThis
    one = await held(session, appointment, asked.version_seen)
    return Held(one.appointment, one.business, one.before, people)


def check_window(business: Business, service: Service, place: Place, now: datetime) -> None:
    """Notice and horizon bind who moves as they bind who books."""
    earliest = earliest_start(service, now)
    if place.starts_at < earliest:
        raise TooShortNotice(earliest_starts_at=earliest.isoformat())
    last = last_day(service, business.time_zone, now)
    if local_date(place.starts_at, business.time_zone) > last:
        raise BeyondHorizon(last_date=last.isoformat())


async def check_free(
    session: AsyncSession, one: Held, service: Service, place: Place, now: datetime
) -> None:
    day = local_date(place.starts_at, one.business.time_zone)
    times = await read_staff_time(
        session, one.business, [place.staff_id], day, day, now, except_for=one.appointment.id
    )
    shape = offered_shape(one.appointment, service)
    start = int(place.starts_at.timestamp())
    against = why_not(start, times[place.staff_id], shape)
    if against:
        raise problem_of(against)
