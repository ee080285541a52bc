from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.runtime import Runtime
from scheduling.copies.models import StaffMember
from scheduling.copies.queries import known
from scheduling.working_hours.models import WorkingHours
from scheduling.working_hours.queries import hours_of
from scheduling.working_hours.schemas import WeeklyHours


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
    return hours
