from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.runtime import Runtime
from contracts.calendar import SchedulingRangeChanged
from scheduling.copies.models import Business, StaffMember
from scheduling.copies.queries import known
from scheduling.working_hours.local_hours import day_instants
from scheduling.working_hours.models import DatedHours, WorkingHours
from scheduling.working_hours.queries import hours_of, hours_on
from scheduling.working_hours.schemas import DateHours, WeeklyHours

ONE_DAY, ONE_YEAR = timedelta(days=1), timedelta(days=366)


async def set_weekly(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    staff_id: UUID,
    wanted: WeeklyHours,
    seen: int | None,
    now: datetime,
) -> WorkingHours:
    """Replace the week. Appointments already booked keep their time."""
    person = await known(session, runtime, StaffMember, caller.business_id, staff_id)
    # The person's row is the lock on their time, so no booking decides on hours half changed.
    await session.refresh(person, with_for_update={"key_share": True})
    hours = await hours_of(session, caller.business_id, staff_id)
    check_version(hours.version, seen)
    before, after = hours.weekly, wanted.model_dump(mode="json")["weekly"]
    hours.weekly, hours.version = after, hours.version + 1
    session.add(hours)
    audit.record(
        session,
        caller,
        "working-hours.changed",
        staff_id,
        at=now,
        before={"weekly": before},
        after={"weekly": after},
    )
    announce(session, caller.business_id, staff_id, now, now + ONE_YEAR, now)
    return hours


async def set_date(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    staff_id: UUID,
    day: date,
    wanted: DateHours | None,
    seen: int | None,
    now: datetime,
) -> DatedHours:
    """Instead of the week's hours on this date; None: the week holds again."""
    business = await known(session, runtime, Business, caller.business_id, caller.business_id)
    person = await known(session, runtime, StaffMember, business.id, staff_id)
    await session.refresh(person, with_for_update={"key_share": True})
    hours = await hours_on(session, business.id, staff_id, day)
    check_version(hours.version, seen)
    before = hours.ranges
    after = wanted.model_dump(mode="json")["ranges"] if wanted else None
    if before == after:
        return hours
    hours.ranges, hours.version = after, hours.version + 1
    session.add(hours)
    begins, ends = day_instants(business.time_zone, day)
    # A shift that began on this date may end on the next.
    announce(session, business.id, staff_id, begins, ends + ONE_DAY, now)
    audit.record(
        session,
        caller,
        "dated-hours.changed",
        staff_id,
        at=now,
        before={day.isoformat(): before},
        after={day.isoformat(): after},
    )
    return hours


def announce(
    session: AsyncSession,
    business_id: UUID,
    staff_id: UUID,
    begins: datetime,
    ends: datetime,
    now: datetime,
) -> None:
    """Open calendars shade what nobody works in."""
    publish_on_commit(
        session,
        SchedulingRangeChanged(
            occurred_at=now,
            business_id=business_id,
            begins=begins,
            ends=ends,
            staff_id=staff_id,
        ),
    )
