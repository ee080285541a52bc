from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from calendaring.local_time import NonexistentLocalTime
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import RequiredVersion, tag
from chassis.problems import Forbidden, NotFound, PreconditionRequired, Stale
from scheduling.copies.models import Business
from scheduling.copies.queries import known
from scheduling.time_off import commands, queries
from scheduling.time_off.as_seen import as_seen
from scheduling.time_off.models import TimeOff
from scheduling.time_off.problems import AppointmentsInTheWay, RuleRefused, TooMuchTimeOff
from scheduling.time_off.schemas import (
    TimeOffChange,
    TimeOffFilter,
    TimeOffView,
    TimeOffWrite,
)

router = Router(prefix="/api/time-off", tags=["time off"])

Member = Annotated[Principal, Depends(Allow())]
REFUSALS = (NotFound, Forbidden, AppointmentsInTheWay, RuleRefused, NonexistentLocalTime)


@router.get("")
async def list_time_off(
    caller: Member, session: Session, process: Process, wanted: Annotated[TimeOffFilter, Query()]
) -> Page[TimeOffView]:
    """As it was entered, rules unexpanded; the calendar shows each occurrence."""
    business = await known(session, process, Business, caller.business_id, caller.business_id)
    items, next_cursor = await queries.find(session, business, wanted)
    seen = [as_seen(item, business.time_zone, caller) for item in items]
    return Page(items=seen, next_cursor=next_cursor)


@router.post("", status_code=201, responses=problems(*REFUSALS, TooMuchTimeOff))
async def add_time_off(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: TimeOffWrite,
    response: Response,
) -> TimeOffView:
    """A member without `MANAGE_CALENDAR` manages their own only, and closes nothing."""
    time_off = await commands.add(session, process, caller, wanted, now)
    response.headers["Location"] = f"/api/time-off/{time_off.id}"
    return await shown(time_off, caller, session, process, response)


@router.get("/{time_off_id}", responses=problems(NotFound))
async def read_time_off(
    time_off_id: UUID, caller: Member, session: Session, process: Process, response: Response
) -> TimeOffView:
    time_off = await queries.read(session, caller.business_id, time_off_id)
    return await shown(time_off, caller, session, process, response)


@router.put("/{time_off_id}", responses=problems(*REFUSALS, Stale, PreconditionRequired))
async def change_time_off(
    time_off_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: TimeOffChange,
    response: Response,
) -> TimeOffView:
    time_off = await commands.change(session, process, caller, time_off_id, wanted, seen, now)
    return await shown(time_off, caller, session, process, response)


@router.delete(
    "/{time_off_id}",
    status_code=204,
    responses=problems(NotFound, Forbidden, Stale, PreconditionRequired),
)
async def remove_time_off(
    time_off_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
) -> None:
    await commands.remove(session, process, caller, time_off_id, seen, now)


async def shown(
    time_off: TimeOff, caller: Principal, session: Session, process: Process, response: Response
) -> TimeOffView:
    tag(response, time_off.version)
    business = await known(session, process, Business, caller.business_id, caller.business_id)
    return as_seen(time_off, business.time_zone, caller)
