from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import on_wall_clock
from calendaring.occurrences import Recurrence
from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import Forbidden, NotFound
from chassis.runtime import Runtime
from contracts.permissions import Permission
from scheduling.claims.commands import lock_staff
from scheduling.copies.models import Business, StaffMember
from scheduling.copies.queries import known
from scheduling.time_off.announcing import announce
from scheduling.time_off.as_seen import as_seen
from scheduling.time_off.asked_series import asked_series
from scheduling.time_off.in_the_way import check_nothing_in_the_way
from scheduling.time_off.models import TimeOff
from scheduling.time_off.problems import TooMuchTimeOff
from scheduling.time_off.queries import read
from scheduling.time_off.schemas import TimeOffChange, TimeOffWrite

MOST = 3000
MOST_RULES = 200
"""To come or going on, a business. Every look for slots reads those that may touch its days."""


async def add(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    wanted: TimeOffWrite,
    now: datetime,
) -> TimeOff:
    """Raises AppointmentsInTheWay, unless forced."""
    check_may_change(caller, wanted.staff_id)
    business = await known(session, runtime, Business, caller.business_id, caller.business_id)
    if wanted.staff_id:
        await known(session, runtime, StaffMember, business.id, wanted.staff_id)
    series = asked_series(wanted, business.time_zone)
    people = await lock_time_of(session, business, wanted.staff_id)
    await check_not_too_much(session, business, series, now)
    if not wanted.force:
        await check_nothing_in_the_way(session, business, people, series, now)
    time_off = TimeOff(business_id=business.id, staff_id=wanted.staff_id, version=0)
    time_off.become(wanted.title, series)
    session.add(time_off)
    await session.flush()
    announce(session, business, time_off.staff_id, [series], now)
    after = time_off.state()
    audit.record(session, caller, "time-off.added", time_off.id, at=now, after=after)
    return time_off


async def change(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    id_: UUID,
    wanted: TimeOffChange,
    seen: int,
    now: datetime,
) -> TimeOff:
    """Raises AppointmentsInTheWay for those that were not in its way before, unless forced."""
    time_off, business, people = await locked(session, runtime, caller, id_, seen)
    before, old = time_off.state(), time_off.series
    series = asked_series(wanted, business.time_zone)
    await check_not_too_much(session, business, series, now, instead_of=old)
    if not wanted.force:
        await check_nothing_in_the_way(session, business, people, series, now, instead_of=old)
    time_off.become(wanted.title, series)
    announce(session, business, time_off.staff_id, [old, series], now)
    after = time_off.state()
    audit.record(session, caller, "time-off.changed", id_, at=now, before=before, after=after)
    return time_off


async def remove(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    id_: UUID,
    seen: int,
    now: datetime,
) -> None:
    time_off, business, _ = await locked(session, runtime, caller, id_, seen)
    await session.delete(time_off)
    announce(session, business, time_off.staff_id, [time_off.series], now)
    before = time_off.state()
    audit.record(session, caller, "time-off.removed", id_, at=now, before=before)


async def locked(
    session: AsyncSession, runtime: Runtime, caller: Principal, id_: UUID, seen: int
) -> tuple[TimeOff, Business, list[UUID]]:
    """With the people whose time it is: their rows first, as everywhere."""
    time_off = await read(session, caller.business_id, id_)
    check_may_change(caller, time_off.staff_id)
    business = await known(session, runtime, Business, caller.business_id, caller.business_id)
    people = await lock_time_of(session, business, time_off.staff_id)
    current = await session.scalar(
        select(TimeOff)
        .where(TimeOff.business_id == business.id, TimeOff.id == id_)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if current is None:
        raise NotFound
    state = as_seen(current, business.time_zone, caller).model_dump(mode="json")
    check_version(current.version, seen, state)
    return current, business, people


async def lock_time_of(
    session: AsyncSession, business: Business, staff_id: UUID | None
) -> list[UUID]:
    """Until the commit nobody books these people, so what is not in the way stays out of it."""
    if staff_id is not None:
        return list(await lock_staff(session, business.id, [staff_id]))
    everybody = select(StaffMember.id).where(StaffMember.business_id == business.id)
    return list(await lock_staff(session, business.id, list(await session.scalars(everybody))))


def check_may_change(caller: Principal, staff_id: UUID | None) -> None:
    if caller.may(Permission.MANAGE_CALENDAR):
        return
    if staff_id is None:
        raise Forbidden("Only those who manage the calendar may close the business.")
    if staff_id != caller.staff_id:
        raise Forbidden("You may change your own time off only.")


async def check_not_too_much(
    session: AsyncSession,
    business: Business,
    series: Recurrence,
    now: datetime,
    instead_of: Recurrence | None = None,
) -> None:
    """What does not make more of it is allowed also where there is too much."""
    now_there = on_wall_clock(now, business.time_zone)
    one_more = to_come(series, now_there) and not to_come(instead_of, now_there)
    rule_more = by_rule_to_come(series, now_there) and not by_rule_to_come(instead_of, now_there)
    if not one_more and not rule_more:
        return
    row = await session.execute(
        select(func.count(), func.count(TimeOff.rule)).where(
            TimeOff.business_id == business.id,
            or_(TimeOff.over_at.is_(None), TimeOff.over_at > now_there),
        )
    )
    all_, by_rule = row.one()
    if (one_more and all_ >= MOST) or (rule_more and by_rule >= MOST_RULES):
        raise TooMuchTimeOff(most=MOST, most_by_rule=MOST_RULES)


def to_come(series: Recurrence | None, now_there: datetime) -> bool:
    return series is not None and (series.over_at is None or series.over_at > now_there)


def by_rule_to_come(series: Recurrence | None, now_there: datetime) -> bool:
    return series is not None and series.rule is not None and to_come(series, now_there)
