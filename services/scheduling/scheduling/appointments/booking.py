"""The decision to book: who is asked for, who is free, and one row or none."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.problems import Problem
from scheduling.appointments.models import Appointment, Status
from scheduling.appointments.problems import (
    BeyondHorizon,
    DailyLimitReached,
    NobodyOffersThis,
    NotOffered,
    OnTimeOff,
    OutsideWorkingHours,
    SlotTaken,
    TooShortNotice,
)
from scheduling.claims import commands as claims
from scheduling.claims.models import Claim, ClaimedFor, is_live, with_buffers
from scheduling.copies.models import Business, Service, StaffMember
from scheduling.holds import queries as holds
from scheduling.slots.bookable_window import earliest_start, last_day
from scheduling.slots.queries import shape_of
from scheduling.slots.refusal import NOT_FOR_THE_STUDIO, REFUSALS_BY_WEIGHT, Refusal, why_not
from scheduling.slots.staff_time import read_staff_time
from scheduling.things_needed.needs import NOTHING, Needs
from scheduling.working_hours.local_hours import day_instants

PROBLEMS: dict[Refusal, type[Problem]] = {
    "busy": SlotTaken,
    "busy_elsewhere": SlotTaken,
    "off_grid": NotOffered,
    "time_off": OnTimeOff,
    "daily_limit": DailyLimitReached,
    "outside_hours": OutsideWorkingHours,
}


@dataclass(frozen=True)
class Person:
    """Whom the appointment is for, as known when it was booked."""

    id: UUID | None
    name: str
    email: str | None
    phone: str | None
    time_zone: str | None = None
    """Where a guest is, if the page has said."""


@dataclass(frozen=True)
class Wish:
    """What time is asked for, parsed and looked up, not yet decided."""

    business: Business
    service: Service
    staff_id: UUID | None
    starts_at: datetime
    holder: str | None = None
    """Whose holds do not count: SHA-256 of the guest's secret."""
    by_guest: bool = True
    only_holds: bool = False
    """Not booked yet: to hold it again does not prolong its notice."""
    overlooks: frozenset[Refusal] = frozenset()
    """Reasons that the studio may overrule; `busy` is never one of them."""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.service.duration_minutes)


@dataclass(frozen=True)
class Booking:
    """What else an appointment is made of."""

    person: Person
    answers: dict[str, Any] = field(default_factory=dict)
    status: Status = Status.CONFIRMED
    pay_by: datetime | None = None
    deposit_cents: int = 0
    needs: Needs = NOTHING
    series_id: UUID | None = None
    occurs_on: datetime | None = None


async def decide(session: AsyncSession, wish: Wish, now: datetime) -> StaffMember:
    """Who gives the time; from here to the commit nobody else can take it from them.

    Raises the reason why not. Whoever else wants any of these people waits for this decision, so
    of what is live the exclusion constraint behind it is hit by defects only. It is hit by every
    expired row that is still there: whoever takes the time sweeps those away.
    """
    own = await own_holds(session, wish, now)
    if wish.by_guest:
        check_window(wish, wish.staff_id, own, now)
    people = await at_once(session, wish)
    if people is None:
        # A look without lock spares those who come too late the line in front of it.
        hopeful = await who_is_free(session, wish, asked_for(wish), now)
        people = await claims.lock_staff(session, wish.business.id, hopeful)
    free = preferred(await who_is_free(session, wish, people, now), own)
    staff_id = free[0] if len(free) == 1 else await least_booked(session, wish, free, now)
    if own:
        check_window(wish, staff_id, own, now)
    return people[staff_id]


async def at_once(session: AsyncSession, wish: Wish) -> dict[UUID, StaffMember] | None:
    """The one person asked for, if nobody else is deciding about them; None: stand in line.

    Of several people some might be skipped, and to wait for those while holding the others would
    break the order of locks.
    """
    asked = asked_for(wish)
    if len(asked) > 1:
        return None
    return await claims.lock_staff(session, wish.business.id, asked, wait=False) or None


async def own_holds(session: AsyncSession, wish: Wish, now: datetime) -> list[Claim]:
    """The guest's live ones at this time, whoever gives it."""
    if wish.holder is None:
        return []
    own = await holds.live(session, wish.business.id, wish.holder, now)
    return [one for one in own if one.starts_at < wish.ends_at and wish.starts_at < one.ends_at]


def check_window(wish: Wish, staff_id: UUID | None, own: Iterable[Claim], now: datetime) -> None:
    """Notice was given when a guest held this very time, and not only when all was typed."""
    noticed = [
        holds.held_at(one)
        for one in own
        if (one.starts_at, one.ends_at) == (wish.starts_at, wish.ends_at)
        and staff_id in (None, one.staff_id)
        and not wish.only_holds
    ]
    earliest = earliest_start(wish.service, min(noticed, default=now))
    if wish.starts_at < earliest:
        raise TooShortNotice(earliest_starts_at=earliest.isoformat())
    zone = wish.business.time_zone
    last = last_day(wish.service, zone, now)
    if local_date(wish.starts_at, zone) > last:
        raise BeyondHorizon(last_date=last.isoformat())


def asked_for(wish: Wish) -> list[UUID]:
    if wish.staff_id is None:
        return wish.service.staff_ids
    if wish.staff_id not in wish.service.staff_ids:
        raise NobodyOffersThis
    return [wish.staff_id]


async def who_is_free(
    session: AsyncSession, wish: Wish, staff_ids: Collection[UUID], now: datetime
) -> dict[UUID, set[Refusal]]:
    """With what would be overlooked; raises the reason why not if it is nobody."""
    day = local_date(wish.starts_at, wish.business.time_zone)
    times = await read_staff_time(
        session, wish.business, staff_ids, day, day, now, holder=wish.holder
    )
    start, shape = int(wish.starts_at.timestamp()), shape_of(wish.service)
    reasons = {person: why_not(start, time, shape) for person, time in times.items()}
    free = {person: refused for person, refused in reasons.items() if refused <= wish.overlooks}
    if not free:
        raise problem_of(set().union(*reasons.values()) - wish.overlooks)
    return free


def preferred(free: Mapping[UUID, set[Refusal]], own: Iterable[Claim]) -> list[UUID]:
    """Nobody is called from their holiday while somebody else is at work.

    Of these the one whose time the guest holds, as that was promised.
    """
    willing = [person for person, refused in free.items() if refused <= NOT_FOR_THE_STUDIO]
    promised = {one.staff_id for one in own}
    held = [person for person in willing if person in promised]
    return held or willing or list(free)


def problem_of(reasons: set[Refusal]) -> type[Problem]:
    """The one that tells most; without any reason there was nobody to have one."""
    return next((PROBLEMS[r] for r in REFUSALS_BY_WEIGHT if r in reasons), NobodyOffersThis)


async def least_booked(
    session: AsyncSession, wish: Wish, free: Collection[UUID], now: datetime
) -> UUID:
    """The fewest booked minutes on the local day; of equals, the one who was there first."""
    zone = wish.business.time_zone
    begins, ends = day_instants(zone, local_date(wish.starts_at, zone))
    within = func.least(Claim.ends_at, ends) - func.greatest(Claim.starts_at, begins)
    lasting = func.sum(within, type_=Interval())
    rows = await session.execute(
        select(Claim.staff_id, lasting)
        .where(
            Claim.business_id == wish.business.id,
            Claim.staff_id.in_(free),
            Claim.kind == ClaimedFor.APPOINTMENT,
            # Of these the constraint's index knows; buffers are nobody's booked minutes.
            Claim.during.overlaps(Range(begins, ends, bounds="[)")),
            Claim.starts_at < ends,
            Claim.ends_at > begins,
            is_live(now),
        )
        .group_by(Claim.staff_id)
    )
    booked = {staff_id: total for staff_id, total in rows}
    return min(free, key=lambda person: (booked.get(person, timedelta()), person))


async def take(
    session: AsyncSession, wish: Wish, person: StaffMember, booking: Booking, now: datetime
) -> Appointment:
    """One row, with its claim; call it under the lock of `decide`."""
    business, service = wish.business, wish.service
    before, after = service.buffer_before_minutes, service.buffer_after_minutes
    during = with_buffers(wish.starts_at, wish.ends_at, before, after)
    await release_own(session, wish, person, during, now)
    claimed = await claims.take(
        session,
        now,
        business_id=business.id,
        kind=ClaimedFor.APPOINTMENT,
        staff_id=person.id,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        during=during,
        expires_at=booking.pay_by,
    )
    if claimed is None:
        raise SlotTaken
    appointment = appointment_of(wish, person, booking, now)
    appointment.id = claimed
    session.add(appointment)
    return appointment


async def release_own(
    session: AsyncSession, wish: Wish, person: StaffMember, during: Range[datetime], now: datetime
) -> None:
    if wish.holder is None:
        return
    await claims.release_own(
        session,
        wish.business.id,
        wish.holder,
        now,
        staff_id=person.id,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        during=during,
    )


def appointment_of(wish: Wish, person: StaffMember, booking: Booking, now: datetime) -> Appointment:
    service = wish.service
    return Appointment(
        business_id=wish.business.id,
        version=1,
        sequence=0,
        status=booking.status,
        service_id=service.id,
        service_name=service.name,
        staff_id=person.id,
        staff_name=person.name,
        customer_id=booking.person.id,
        customer_name=booking.person.name,
        customer_email=booking.person.email,
        customer_phone=booking.person.phone,
        customer_time_zone=booking.person.time_zone,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        # What credits pay is not paid again with money.
        price_cents=0 if booking.needs.credits else service.price_cents,
        currency=wish.business.currency,
        deposit_cents=booking.deposit_cents,
        deposit_status="awaited" if booking.pay_by else "none",
        pay_by=booking.pay_by,
        series_id=booking.series_id,
        occurs_on=booking.occurs_on,
        resource_kinds=list(booking.needs.resource_kinds),
        credits=booking.needs.credits,
        hold_version=0,
        last_version=0,
        answers=booking.answers,
        booked_at=now,
        cancelled_at=None,
        cancellation_reason=None,
    )
