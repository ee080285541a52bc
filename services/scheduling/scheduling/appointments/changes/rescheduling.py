"""Another time, another length, another staff member: one decision, whichever of them it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of, local_date
from chassis.auth import Principal
from chassis.problems import Forbidden
from chassis.runtime import Runtime
from contracts.permissions import Permission
from contracts.scheduling import AppointmentRescheduled
from scheduling.appointments.booking import problem_of
from scheduling.appointments.changes.hold_still import Held, hold_with_time, tell
from scheduling.appointments.changes.schemas import Reschedule
from scheduling.appointments.models import Appointment
from scheduling.appointments.problems import LengthRefused, NobodyOffersThis
from scheduling.claims import commands as claims
from scheduling.copies.models import Business, Service
from scheduling.slots.free_slots import SlotShape
from scheduling.slots.refusal import FORCED, NOT_FOR_THE_STUDIO, Refusal, why_not
from scheduling.slots.staff_time import read_staff_time
from scheduling.things_needed.proposal import Proposal, Whereto
from scheduling.things_needed.proposing import (
    SETTLES_ITSELF_AFTER,
    needs_hold_at,
    propose_move,
)

LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Place:
    """Where an appointment is to be."""

    staff_id: UUID
    starts_at: datetime
    ends_at: datetime


async def reschedule(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    wanted: Reschedule,
    seen: int,
    now: datetime,
) -> Appointment:
    """The studio moves: notice, horizon and grid do not bind it; overlap does."""
    also = [wanted.staff_id] if wanted.staff_id else []
    held = await hold_with_time(session, runtime, caller, appointment_id, seen, *also)
    held.appointment.check_movable(now)
    place = wished(wanted, held.appointment, held.business)
    if place == place_of(held.appointment):
        return held.appointment
    await check_staff(session, held, place, caller)
    overlooks = FORCED if wanted.outside_hours else NOT_FOR_THE_STUDIO
    if against := await refusals(session, held, place, now) - overlooks:
        raise problem_of(against)
    if needs_hold_at(held.appointment, place.starts_at, place.ends_at):
        proposal = Proposal(
            what="move",
            actor=caller.actor,
            action="appointment.rescheduled",
            notify=wanted.notify_customer,
            whereto=Whereto(**vars(place)),
        )
        settle_at = now + SETTLES_ITSELF_AFTER
        await propose_move(session, held.appointment, proposal, settle_at, now)
        return held.appointment
    return await move_held(session, held, place, caller, now, notify=wanted.notify_customer)


def wished(wanted: Reschedule, appointment: Appointment, business: Business) -> Place:
    """It lasts as long as before unless its end is named."""
    starts_at = instant_of(wanted.starts_at, business.time_zone)
    lasts = appointment.ends_at - appointment.starts_at
    if wanted.ends_at:
        lasts = instant_of(wanted.ends_at, business.time_zone) - starts_at
    if not timedelta(0) < lasts <= LONGEST:
        raise LengthRefused
    return Place(wanted.staff_id or appointment.staff_id, starts_at, starts_at + lasts)


def place_of(appointment: Appointment) -> Place:
    return Place(appointment.staff_id, appointment.starts_at, appointment.ends_at)


async def check_staff(session: AsyncSession, held: Held, place: Place, caller: Principal) -> None:
    """A person who gives it already may go on to, whatever they offer by now."""
    if place.staff_id not in held.people:
        raise NobodyOffersThis
    if place.staff_id == held.appointment.staff_id:
        return
    if not caller.may(Permission.MANAGE_CALENDAR):
        raise Forbidden("You may book in your own calendar only.")
    if place.staff_id not in (await service_of(session, held.appointment)).staff_ids:
        raise NobodyOffersThis


async def service_of(session: AsyncSession, appointment: Appointment) -> Service:
    """Also one that is archived by now."""
    return await session.get_one(Service, (appointment.business_id, appointment.service_id))


async def refusals(session: AsyncSession, held: Held, place: Place, now: datetime) -> set[Refusal]:
    """Its own time does not stand in its way."""
    day = local_date(place.starts_at, held.business.time_zone)
    times = await read_staff_time(
        session, held.business, [place.staff_id], day, day, now, except_for=held.appointment.id
    )
    shape = shape_of(held.appointment, place.ends_at - place.starts_at)
    return why_not(int(place.starts_at.timestamp()), times[place.staff_id], shape)


def shape_of(appointment: Appointment, lasts: timedelta) -> SlotShape:
    """With its buffers as they were when it was booked; a grid of minutes binds nobody."""
    return SlotShape(
        duration=int(lasts.total_seconds()),
        buffer_before=appointment.buffer_before_minutes * 60,
        buffer_after=appointment.buffer_after_minutes * 60,
        step=60,
    )


async def move_held(
    session: AsyncSession,
    held: Held,
    place: Place,
    caller: Principal,
    now: datetime,
    *,
    notify: bool,
) -> Appointment:
    previous = await shift(session, held, place, now)
    return await tell(
        session,
        held,
        caller,
        "appointment.rescheduled",
        AppointmentRescheduled,
        now,
        notify_customer=notify,
        **previous,
    )


async def shift(session: AsyncSession, held: Held, place: Place, now: datetime) -> dict[str, Any]:
    """The appointment and its claim; answers what the event says of before."""
    appointment = held.appointment
    previous = previously(appointment, place)
    appointment.move(place.starts_at, place.ends_at, held.people[place.staff_id])
    await claims.move(
        session,
        held.business.id,
        appointment.id,
        now,
        staff_id=place.staff_id,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        during=appointment.during,
    )
    return previous


def previously(appointment: Appointment, place: Place) -> dict[str, Any]:
    """What the event says of before; but for the start, only what has changed."""
    previous: dict[str, Any] = {"previous_starts_at": appointment.starts_at}
    if place.ends_at != appointment.ends_at:
        previous["previous_ends_at"] = appointment.ends_at
    if place.staff_id != appointment.staff_id:
        previous["previous_staff_id"] = appointment.staff_id
        previous["previous_staff_name"] = appointment.staff_name
    return previous
