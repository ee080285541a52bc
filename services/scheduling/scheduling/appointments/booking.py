"""The decision to book: who is asked for, who is free, and one row or none."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Interval, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Problem
from scheduling.appointments.models import BLOCKING, Appointment, Status, blocked
from scheduling.appointments.problems import (
    BeyondHorizon,
    NobodyOffersThis,
    NotOffered,
    OutsideWorkingHours,
    SlotTaken,
    TooShortNotice,
)
from scheduling.copies.models import Business, Service, StaffMember
from scheduling.slots.bookable_window import earliest_start, last_day
from scheduling.slots.queries import shape_of
from scheduling.slots.refusal import Refusal, why_not
from scheduling.slots.staff_time import read_staff_time
from scheduling.working_hours.local_hours import day_bounds

REFUSALS: dict[Refusal, type[Problem]] = {
    "busy": SlotTaken,
    "outside_hours": OutsideWorkingHours,
    "off_grid": NotOffered,
}
NEAREST_TO_YES: tuple[Refusal, ...] = ("busy", "off_grid", "outside_hours")
"""Of several people's reasons, the one that tells the client most."""


@dataclass(frozen=True)
class Person:
    """Whom the appointment is for, as known when it was booked."""

    id: UUID | None
    name: str
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class Wish:
    """What was asked for, parsed and looked up, not yet decided."""

    business: Business
    service: Service
    staff_id: UUID | None
    starts_at: datetime
    person: Person
    answers: dict[str, Any] = field(default_factory=dict)
    by_guest: bool = True
    overlooks: frozenset[Refusal] = frozenset()
    """Reasons that the studio may overrule; `busy` is never one of them."""


async def decide(session: AsyncSession, wish: Wish, now: datetime) -> Appointment:
    """Take the time, under the lock of everyone it could be taken from.

    Raises the reason why not. Whoever else wants any of these people waits for this decision, so
    the exclusion constraint behind it is never hit but by a defect.
    """
    if wish.by_guest:
        check_window(wish, now)
    # A look without lock spares those who come too late the line in front of it.
    hopeful = await who_is_free(session, wish, asked_for(wish))
    people = await lock_people(session, wish, hopeful)
    free = await who_is_free(session, wish, people)
    staff_id = free[0] if len(free) == 1 else await least_booked(session, wish, free)
    return await take(session, wish, people[staff_id], now)


def check_window(wish: Wish, now: datetime) -> None:
    earliest = earliest_start(wish.service, now)
    if wish.starts_at < earliest:
        raise TooShortNotice(earliest_starts_at=earliest.isoformat())
    zone = wish.business.time_zone
    last = last_day(wish.service, zone, now)
    if wish.starts_at.astimezone(ZoneInfo(zone)).date() > last:
        raise BeyondHorizon(last_date=last.isoformat())


def asked_for(wish: Wish) -> list[UUID]:
    if wish.staff_id is None:
        return wish.service.staff_ids
    if wish.staff_id not in wish.service.staff_ids:
        raise NobodyOffersThis
    return [wish.staff_id]


async def lock_people(
    session: AsyncSession, wish: Wish, staff_ids: list[UUID]
) -> dict[UUID, StaffMember]:
    """Locked in the order of their ids, as everywhere, so that two bookings never deadlock."""
    people = await session.scalars(
        select(StaffMember)
        .where(
            StaffMember.business_id == wish.business.id,
            StaffMember.id.in_(staff_ids),
            StaffMember.archived_at.is_(None),
        )
        .order_by(StaffMember.id)
        .with_for_update(key_share=True)
    )
    return {person.id: person for person in people}


async def who_is_free(session: AsyncSession, wish: Wish, staff_ids: Collection[UUID]) -> list[UUID]:
    day = wish.starts_at.astimezone(ZoneInfo(wish.business.time_zone)).date()
    times = await read_staff_time(session, wish.business, staff_ids, day, day)
    start, shape = int(wish.starts_at.timestamp()), shape_of(wish.service)
    free: list[UUID] = []
    reasons: set[Refusal] = set()
    for person, (working, busy) in times.items():
        reason = why_not(start, working, busy, shape)
        if reason == "outside_hours" and reason in wish.overlooks:
            reason = why_not(start, [(start, start + shape.duration)], busy, shape)
        if reason is None or reason in wish.overlooks:
            free.append(person)
        else:
            reasons.add(reason)
    if not free:
        raise next((REFUSALS[r] for r in NEAREST_TO_YES if r in reasons), NobodyOffersThis)
    return free


async def least_booked(session: AsyncSession, wish: Wish, free: list[UUID]) -> UUID:
    """The fewest booked minutes on the local day; of equals, the one who was there first."""
    zone = wish.business.time_zone
    begins, ends = day_bounds(zone, wish.starts_at.astimezone(ZoneInfo(zone)).date())
    lasting = func.sum(Appointment.ends_at - Appointment.starts_at, type_=Interval())
    rows = await session.execute(
        select(Appointment.staff_id, lasting)
        .where(
            Appointment.business_id == wish.business.id,
            Appointment.staff_id.in_(free),
            Appointment.status.in_(BLOCKING),
            Appointment.starts_at >= datetime.fromtimestamp(begins, UTC),
            Appointment.starts_at < datetime.fromtimestamp(ends, UTC),
        )
        .group_by(Appointment.staff_id)
    )
    booked = {staff_id: total for staff_id, total in rows}
    return min(free, key=lambda person: (booked.get(person, timedelta()), person))


async def take(
    session: AsyncSession, wish: Wish, person: StaffMember, now: datetime
) -> Appointment:
    service = wish.service
    waits = wish.by_guest and service.requires_approval
    # A plain INSERT into an exclusion constraint deadlocks under contention; this one does not.
    statement = (
        insert(Appointment)
        .values(
            business_id=wish.business.id,
            version=1,
            sequence=0,
            status=Status.PENDING if waits else Status.CONFIRMED,
            service_id=service.id,
            service_name=service.name,
            staff_id=person.id,
            staff_name=person.name,
            customer_id=wish.person.id,
            customer_name=wish.person.name,
            customer_email=wish.person.email,
            customer_phone=wish.person.phone,
            starts_at=wish.starts_at,
            ends_at=wish.starts_at + timedelta(minutes=service.duration_minutes),
            blocks=blocked(wish.starts_at, service),
            price_cents=service.price_cents,
            currency=wish.business.currency,
            answers=wish.answers,
            booked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Appointment)
    )
    appointment = await session.scalar(statement)
    if appointment is None:
        raise SlotTaken
    return appointment
