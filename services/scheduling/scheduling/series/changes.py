"""This and future, or all of a series, changed at once: every one of them or none."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import on_wall_clock
from chassis.auth import Principal
from chassis.problems import Forbidden, NotFound
from chassis.runtime import Runtime
from contracts.permissions import Permission
from scheduling.appointments import queries
from scheduling.appointments.announcing import snapshot
from scheduling.appointments.changes.commands import cancel_held
from scheduling.appointments.changes.hold_still import Held, as_seen, sees
from scheduling.appointments.changes.rescheduling import (
    Place,
    move_held,
    place_of,
    service_of,
    shape_of,
    wished,
)
from scheduling.appointments.changes.schemas import Cancellation, Reschedule
from scheduling.appointments.models import Appointment
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.claims import commands as claims
from scheduling.series.conflicts import Candidate, listed, refused_among
from scheduling.series.membership import (
    PartOfSeries,
    concerned,
    expected,
    is_overridden,
    occurrence,
)
from scheduling.series.models import Series
from scheduling.series.problems import NotInSeries
from scheduling.slots.refusal import FORCED, NOT_FOR_THE_STUDIO
from scheduling.things_needed.problems import MovedOneByOne
from scheduling.things_needed.proposing import needs_hold_at


@dataclass(frozen=True)
class HeldSeries:
    series: Series
    named: Held
    appointments: list[Appointment]
    """All of it, also what is closed."""


async def hold_series(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    seen: int,
    *also: UUID,
) -> HeldSeries:
    """Locks staff, series and appointments, in this order; the version is of the one named."""
    named = await queries.read(session, caller, appointment_id)
    if named.series_id is None:
        raise NotInSeries
    series = await session.get_one(Series, (caller.business_id, named.series_id))
    staff_ids = {named.staff_id, series.staff_id, *also}
    people = await claims.lock_staff(session, caller.business_id, staff_ids)
    await session.refresh(series, with_for_update={"key_share": True})
    found = await session.scalars(
        select(Appointment)
        .where(Appointment.business_id == caller.business_id, Appointment.series_id == series.id)
        .order_by(Appointment.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    appointments = sorted(found, key=occurrence)
    if not sees(caller, named):
        raise NotFound
    # Another change may have split the series, or given it to somebody else, in that moment.
    unchanged = named in appointments and {named.staff_id, series.staff_id} <= staff_ids
    held = await as_seen(session, runtime, named, seen if unchanged else 0, people)
    return HeldSeries(series, held, appointments)


def chosen(
    held: HeldSeries,
    caller: Principal,
    part: PartOfSeries,
    now: datetime,
    *,
    overridden: bool,
) -> list[Appointment]:
    """Raises Forbidden if part of it is in somebody else's calendar."""
    named = held.named.appointment
    found = [
        one
        for one in concerned(named, held.appointments, part, now)
        if overridden or one is named or not is_overridden(held.series, one)
    ]
    if not all(sees(caller, one) for one in found):
        raise Forbidden("Part of the series is in somebody else's calendar.")
    return found


def held_with(held: HeldSeries, appointment: Appointment) -> Held:
    before = snapshot(appointment, held.named.business).model_dump(mode="json")
    return replace(held.named, appointment=appointment, before=before)


async def cancel(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    wanted: Cancellation,
    part: PartOfSeries,
    seen: int,
    now: datetime,
) -> Appointment:
    """Also those that were moved alone: that they were moved does not mean that they stay."""
    held = await hold_series(session, runtime, caller, appointment_id, seen)
    await cancel_held(session, held.named, caller, wanted, now)
    for one in chosen(held, caller, part, now, overridden=True):
        if one is not held.named.appointment:
            await cancel_held(session, held_with(held, one), caller, wanted, now)
    return held.named.appointment


async def reschedule(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    wanted: Reschedule,
    part: PartOfSeries,
    seen: int,
    now: datetime,
) -> Appointment:
    """The same shift on the wall clock, the same length, the same person for all of them."""
    also = [wanted.staff_id] if wanted.staff_id else []
    held = await hold_series(session, runtime, caller, appointment_id, seen, *also)
    named = held.named.appointment
    named.check_movable(now)
    place = wished(wanted, named, held.named.business)
    found = chosen(held, caller, part, now, overridden=False)
    moved = changed_series(held, wanted, place)
    targets = {one.id: place if one is named else expected(moved, one) for one in found}
    moving = [one for one in found if targets[one.id] != place_of(one)]
    if not moving:
        return named
    if any(
        needs_hold_at(one, targets[one.id].starts_at, targets[one.id].ends_at) for one in moving
    ):
        raise MovedOneByOne
    await check_people(session, held, moving, targets, caller)
    await check_free(session, held, moving, targets, wanted, now)
    befores = [held_with(held, one) for one in moving]
    await keep_apart(session, held, moved, min(occurrence(one) for one in found))
    # Flushed together, a hundred rows are one statement.
    with session.no_autoflush:
        for one in befores:
            target = targets[one.appointment.id]
            await move_held(session, one, target, caller, now, notify=wanted.notify_customer)
    return named


def changed_series(held: HeldSeries, wanted: Reschedule, place: Place) -> Series:
    """As it is to be: not yet stored, only computed with."""
    series, named = held.series, held.named.appointment
    # One that the clocks had moved was dragged from where it is, but is shifted from its own time.
    as_ruled = on_wall_clock(named.starts_at, series.time_zone)
    if not is_overridden(series, named):
        as_ruled = occurrence(named) + timedelta(minutes=series.moved_minutes)
    shift = on_wall_clock(place.starts_at, series.time_zone) - as_ruled
    if place.starts_at == named.starts_at:
        shift = timedelta(0)
    length = int((place.ends_at - place.starts_at).total_seconds()) // 60
    return Series(
        business_id=series.business_id,
        service_id=series.service_id,
        staff_id=wanted.staff_id or series.staff_id,
        rule=series.rule,
        starts_at=series.starts_at,
        time_zone=series.time_zone,
        moved_minutes=series.moved_minutes + int(shift.total_seconds()) // 60,
        length_minutes=length if wanted.ends_at else series.length_minutes,
        split_from=series.id,
        booked_at=series.booked_at,
    )


async def check_people(
    session: AsyncSession,
    held: HeldSeries,
    moving: Collection[Appointment],
    targets: dict[UUID, Place],
    caller: Principal,
) -> None:
    """Whoever gives it already may go on to, whatever they offer by now."""
    if not {targets[one.id].staff_id for one in moving} <= held.named.people.keys():
        raise NobodyOffersThis
    given = {targets[one.id].staff_id for one in moving if targets[one.id].staff_id != one.staff_id}
    if given and not caller.may(Permission.MANAGE_CALENDAR):
        raise Forbidden("You may book in your own calendar only.")
    if given and not given <= set((await service_of(session, held.named.appointment)).staff_ids):
        raise NobodyOffersThis


async def check_free(
    session: AsyncSession,
    held: HeldSeries,
    moving: Collection[Appointment],
    targets: dict[UUID, Place],
    wanted: Reschedule,
    now: datetime,
) -> None:
    """Raises SeriesConflicts. Their own time stands in the way of none of them."""
    business = held.named.business
    await claims.lift(session, business.id, [one.id for one in moving])
    candidates = [
        Candidate(
            occurrence(one),
            targets[one.id],
            shape_of(one, targets[one.id].ends_at - targets[one.id].starts_at),
        )
        for one in moving
    ]
    overlooks = FORCED if wanted.outside_hours else NOT_FOR_THE_STUDIO
    if found := await refused_among(session, business, candidates, overlooks, now):
        raise listed(candidates, found)


async def keep_apart(
    session: AsyncSession, held: HeldSeries, moved: Series, since: datetime
) -> None:
    """What comes before the change stays a series of its own, as it was."""
    if all(occurrence(one) >= since for one in held.appointments):
        for name in ("staff_id", "moved_minutes", "length_minutes"):
            setattr(held.series, name, getattr(moved, name))
        return
    session.add(moved)
    await session.flush()
    for one in held.appointments:
        if occurrence(one) >= since:
            one.series_id = moved.id
