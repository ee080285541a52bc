from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.preconditions import VersionSeen, tag
from chassis.problems import Forbidden, NotFound, Stale
from contracts.permissions import Permission
from scheduling.copies.models import StaffMember
from scheduling.copies.queries import known
from scheduling.working_hours import commands, queries
from scheduling.working_hours.models import WorkingHours
from scheduling.working_hours.schemas import WeeklyHours, WorkingHoursView

router = Router(prefix="/api/staff/{staff_id}/working-hours", tags=["working hours"])

Member = Annotated[Principal, Depends(Allow())]


@router.get("", response_model=WorkingHoursView, responses=problems(NotFound))
async def read_working_hours(
    staff_id: UUID, caller: Member, session: Session, process: Process, response: Response
) -> WorkingHours:
    await known(session, process, StaffMember, caller.business_id, staff_id)
    hours = await queries.hours_of(session, caller.business_id, staff_id)
    tag(response, hours.version)
    return hours


@router.put("", response_model=WorkingHoursView, responses=problems(NotFound, Forbidden, Stale))
async def set_working_hours(
    staff_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
    wanted: WeeklyHours,
    response: Response,
) -> WorkingHours:
    """A member without `MANAGE_CALENDAR` sets their own hours only."""
    if not (caller.may(Permission.MANAGE_CALENDAR) or caller.staff_id == staff_id):
        raise Forbidden("You may set your own working hours only.")
    hours = await commands.set_weekly(session, process, caller, staff_id, wanted, seen, now)
    tag(response, hours.version)
    return hours
