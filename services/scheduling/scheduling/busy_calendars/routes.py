from typing import Annotated
from uuid import UUID

from fastapi import Depends

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import Forbidden, NotFound
from contracts.permissions import Permission
from scheduling.busy_calendars import commands, queries
from scheduling.busy_calendars.fetch_policy import FetchPolicy
from scheduling.busy_calendars.models import BusyCalendar
from scheduling.busy_calendars.problems import AddressNotTaken, TooManyCalendars
from scheduling.busy_calendars.schemas import BusyCalendars, BusyCalendarView, BusyCalendarWrite
from scheduling.copies.models import StaffMember
from scheduling.copies.queries import known


async def allowed(staff_id: UUID, caller: Annotated[Principal, Depends(Allow())]) -> Principal:
    """A member without `MANAGE_CALENDAR` connects their own calendars only."""
    if not (caller.may(Permission.MANAGE_CALENDAR) or caller.staff_id == staff_id):
        raise Forbidden("You may connect your own calendars only.")
    return caller


Caller = Annotated[Principal, Depends(allowed)]


def busy_calendars(policy: FetchPolicy) -> Router:
    router = Router(prefix="/api/staff/{staff_id}/busy-calendars", tags=["busy calendars"])

    @router.get("", response_model=BusyCalendars, responses=problems(NotFound, Forbidden))
    async def list_busy_calendars(
        staff_id: UUID, caller: Caller, session: Session, process: Process
    ) -> dict[str, object]:
        await known(session, process, StaffMember, caller.business_id, staff_id)
        return {"items": await queries.of_staff_member(session, caller.business_id, staff_id)}

    @router.post(
        "",
        status_code=201,
        response_model=BusyCalendarView,
        responses=problems(NotFound, Forbidden, AddressNotTaken, TooManyCalendars),
    )
    async def connect_busy_calendar(
        staff_id: UUID,
        caller: Caller,
        session: Session,
        process: Process,
        now: Now,
        wanted: BusyCalendarWrite,
    ) -> BusyCalendar:
        """It is fetched within seconds, and then every ten minutes."""
        return await commands.connect(session, process, policy, caller, staff_id, wanted, now)

    @router.delete("/{calendar_id}", status_code=204, responses=problems(NotFound, Forbidden))
    async def disconnect_busy_calendar(
        staff_id: UUID, calendar_id: UUID, caller: Caller, session: Session, now: Now
    ) -> None:
        await commands.disconnect(session, caller, staff_id, calendar_id, now)

    @router.post(
        "/{calendar_id}/fetch",
        status_code=202,
        response_model=BusyCalendarView,
        responses=problems(NotFound, Forbidden),
    )
    async def fetch_busy_calendar(
        staff_id: UUID, calendar_id: UUID, caller: Caller, session: Session, now: Now
    ) -> BusyCalendar:
        """Soon: at `next_fetch_at`, no sooner than 30 seconds after the last try."""
        return await commands.fetch_soon(session, caller, staff_id, calendar_id, now)

    return router
