from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import in_zone, instant_of, on_wall_clock
from chassis import audit
from chassis.auth import Principal
from chassis.problems import Forbidden
from chassis.runtime import Runtime
from contracts.permissions import Permission
from scheduling.appointments.announcing import snapshot
from scheduling.appointments.booking import Booking, Person, Wish, take
from scheduling.appointments.changes.rescheduling import Place
from scheduling.appointments.commands import announce_booked, person_for
from scheduling.appointments.models import Appointment, Status
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.claims import commands as claims
from scheduling.copies.models import Business, Service, StaffMember
from scheduling.copies.queries import known
from scheduling.series.conflicts import Candidate, Refused, listed, refused_among
from scheduling.series.models import Series
from scheduling.series.occurrences import local_starts
from scheduling.series.schemas import BookedSeries, Occurrence, SeriesWrite
from scheduling.slots.queries import shape_of
from scheduling.slots.refusal import FORCED, NOT_FOR_THE_STUDIO
from scheduling.things_needed.needs import Needs, needs_for_studio
from scheduling.things_needed.proposal import Proposal
from scheduling.things_needed.proposing import propose


@dataclass(frozen=True)
class Plan:
    """What all appointments of a series have in common, looked up."""

    business: Business
    service: Service
    person: StaffMember
    customer: Person
    wanted: SeriesWrite
    needs: Needs


async def book(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    wanted: SeriesWrite,
    now: datetime,
) -> BookedSeries:
    """All of it, or what is possible of it, in one transaction under one lock."""
    plan = await planned(session, runtime, caller, wanted)
    candidates = occurrences_of(plan)
    overlooks = FORCED if wanted.outside_hours else NOT_FOR_THE_STUDIO
    found = await refused_among(session, plan.business, candidates, overlooks, now)
    if wanted.dry_run:
        return shown(plan, candidates, found, None, {})
    free = [one for one in candidates if one.occurs_on not in found]
    if found and (wanted.on_conflict == "refuse" or not free):
        raise listed(candidates, found)
    series = await begin(session, plan, candidates[0].occurs_on, now)
    booked = await book_each(session, caller, plan, series, free, now)
    return shown(plan, candidates, found, series, booked)


async def planned(
    session: AsyncSession, runtime: Runtime, caller: Principal, wanted: SeriesWrite
) -> Plan:
    """Locks the staff member's time, unless nothing is going to be written."""
    if not caller.may(Permission.MANAGE_CALENDAR) and wanted.staff_id != caller.staff_id:
        raise Forbidden("You may book in your own calendar only.")
    business = await known(session, runtime, Business, caller.business_id, caller.business_id)
    service = await known(session, runtime, Service, business.id, wanted.service_id)
    if wanted.staff_id not in service.staff_ids:
        raise NobodyOffersThis
    if wanted.dry_run:
        person = await known(session, runtime, StaffMember, business.id, wanted.staff_id)
    else:
        people = await claims.lock_staff(session, business.id, [wanted.staff_id])
        if wanted.staff_id not in people:
            raise NobodyOffersThis
        person = people[wanted.staff_id]
    customer = await person_for(session, runtime, business.id, wanted)
    needs = await needs_for_studio(runtime, service, wanted.pay_with)
    return Plan(business, service, person, customer, wanted, needs)


def occurrences_of(plan: Plan) -> list[Candidate]:
    zone, wanted, service = plan.business.time_zone, plan.wanted, plan.service
    first = wanted.starts_at
    if first.tzinfo is not None:
        first = on_wall_clock(instant_of(first, zone), zone)
    lasts = timedelta(minutes=service.duration_minutes)
    candidates = []
    for local in local_starts(wanted.rule, first, lasts):
        starts_at, moved = in_zone(local, zone)
        place = Place(plan.person.id, starts_at, starts_at + lasts)
        candidates.append(Candidate(local, place, shape_of(service), moved))
    return candidates


async def begin(session: AsyncSession, plan: Plan, starts_at: datetime, now: datetime) -> Series:
    series = Series(
        business_id=plan.business.id,
        service_id=plan.service.id,
        staff_id=plan.person.id,
        rule=plan.wanted.rule,
        starts_at=starts_at,
        time_zone=plan.business.time_zone,
        moved_minutes=0,
        length_minutes=plan.service.duration_minutes,
        split_from=None,
        booked_at=now,
    )
    session.add(series)
    await session.flush()
    return series


async def book_each(
    session: AsyncSession,
    caller: Principal,
    plan: Plan,
    series: Series,
    free: Iterable[Candidate],
    now: datetime,
) -> dict[datetime, UUID]:
    booked: dict[datetime, UUID] = {}
    appointments = []
    # Flushed together, a hundred rows are one statement.
    with session.no_autoflush:
        for one in free:
            starts_at = one.place.starts_at
            wish = Wish(plan.business, plan.service, plan.person.id, starts_at, by_guest=False)
            booking = Booking(
                plan.customer,
                status=Status.PENDING if plan.needs else Status.CONFIRMED,
                needs=plan.needs,
                series_id=series.id,
                occurs_on=one.occurs_on,
            )
            appointment = await take(session, wish, plan.person, booking, now)
            booked[one.occurs_on] = appointment.id
            appointments.append(appointment)
        if plan.needs:
            settle_by_themselves(caller, plan, appointments, now)
            return booked
        await session.flush()
        for appointment in appointments:
            await tell_booked(session, caller, plan, appointment, now)
    return booked


def settle_by_themselves(
    caller: Principal, plan: Plan, appointments: Collection[Appointment], now: datetime
) -> None:
    """Each asks for its own machine and credit, the earliest first. What cannot have them is
    cancelled, with the reason, and takes no other with it.
    """
    notify = plan.wanted.notify_customer
    booking = Proposal(
        what="booking", actor=caller.actor, action="appointment.booked", notify=notify
    )
    for number, appointment in enumerate(appointments):
        before = timedelta(microseconds=len(appointments) - number)
        propose(appointment, booking, now - before)


async def tell_booked(
    session: AsyncSession,
    caller: Principal,
    plan: Plan,
    appointment: Appointment,
    now: datetime,
) -> None:
    notify = plan.wanted.notify_customer
    await announce_booked(session, appointment, plan.business, now, notify_customer=notify)
    after = snapshot(appointment, plan.business).model_dump(mode="json")
    audit.record(session, caller, "appointment.booked", appointment.id, at=now, after=after)


def shown(
    plan: Plan,
    candidates: Iterable[Candidate],
    found: Refused,
    series: Series | None,
    booked: dict[datetime, UUID],
) -> BookedSeries:
    return BookedSeries(
        id=series.id if series else None,
        rule=plan.wanted.rule,
        time_zone=plan.business.time_zone,
        is_settled=not (plan.needs and booked),
        occurrences=[
            Occurrence(
                occurs_on=one.occurs_on,
                starts_at=one.place.starts_at,
                ends_at=one.place.ends_at,
                moved_by_gap=one.moved_by_gap,
                refused=found.get(one.occurs_on),
                appointment_id=booked.get(one.occurs_on),
            )
            for one in candidates
        ],
    )
