from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.preconditions import VersionSeen, tag
from chassis.problems import Forbidden, NotFound, Stale
from contracts.permissions import Permission
from scheduling.copies.models import StaffMember
from scheduling.copies.queries import known
from scheduling.working_hours import commands, queries
from scheduling.working_hours.local_date import LocalDate
from scheduling.working_hours.models import DatedHours, WorkingHours
from scheduling.working_hours.schemas import (
    DateHours,
    DateHoursView,
    DatesQuery,
    DatesView,
    WeeklyHours,
    WorkingHoursView,
)

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
    check_own(caller, staff_id)
    hours = await commands.set_weekly(session, process, caller, staff_id, wanted, seen, now)
    tag(response, hours.version)
    return hours


@router.get("/dates", response_model=DatesView, responses=problems(NotFound))
async def read_dated_hours(
    staff_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    wanted: Annotated[DatesQuery, Query()],
) -> dict[str, list[DatedHours]]:
    """The dates with hours of their own; on all others the week holds."""
    await known(session, process, StaffMember, caller.business_id, staff_id)
    found = await queries.dates(session, caller.business_id, staff_id, wanted.first, wanted.last)
    return {"dates": found}


@router.put(
    "/dates/{date}", response_model=DateHoursView, responses=problems(NotFound, Forbidden, Stale)
)
async def set_dated_hours(
    staff_id: UUID,
    date: LocalDate,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
    wanted: DateHours,
    response: Response,
) -> DatedHours:
    """Instead of the week's hours on this date; no ranges, no work."""
    check_own(caller, staff_id)
    hours = await commands.set_date(session, process, caller, staff_id, date, wanted, seen, now)
    tag(response, hours.version)
    return hours


@router.delete("/dates/{date}", status_code=204, responses=problems(NotFound, Forbidden, Stale))
async def return_to_the_week(
    staff_id: UUID,
    date: LocalDate,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
) -> None:
    """The week holds on this date again, as it does where it always did."""
    check_own(caller, staff_id)
    await commands.set_date(session, process, caller, staff_id, date, None, seen, now)


def check_own(caller: Principal, staff_id: UUID) -> None:
    if not (caller.may(Permission.MANAGE_CALENDAR) or caller.staff_id == staff_id):
        raise Forbidden("You may set your own working hours only.")
