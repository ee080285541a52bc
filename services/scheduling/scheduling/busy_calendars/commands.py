from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.runtime import Runtime
from scheduling.busy_calendars import queries
from scheduling.busy_calendars.fetch_policy import FetchPolicy, NotFetched
from scheduling.busy_calendars.keeping import keep_times
from scheduling.busy_calendars.models import CALENDARS_EACH, BusyCalendar
from scheduling.busy_calendars.problems import AddressNotTaken, TooManyCalendars
from scheduling.busy_calendars.schemas import BusyCalendarWrite
from scheduling.copies.models import StaffMember
from scheduling.copies.queries import known


async def connect(
    session: AsyncSession,
    runtime: Runtime,
    policy: FetchPolicy,
    caller: Principal,
    staff_id: UUID,
    wanted: BusyCalendarWrite,
    now: datetime,
) -> BusyCalendar:
    """The worker fetches it at once; what is wrong with the address itself is said here."""
    person = await known(session, runtime, StaffMember, caller.business_id, staff_id)
    try:
        url = policy.check(wanted.url.get_secret_value())
    except NotFetched as refused:
        raise AddressNotTaken(reason=refused.failure) from None
    await session.refresh(person, with_for_update={"key_share": True})
    connected = await queries.of_staff_member(session, caller.business_id, staff_id)
    if len(connected) >= CALENDARS_EACH:
        raise TooManyCalendars
    calendar = BusyCalendar(
        business_id=caller.business_id,
        staff_id=staff_id,
        name=wanted.name,
        url=str(url),
        connected_at=now,
        next_fetch_at=now,
        failures=0,
    )
    session.add(calendar)
    await session.flush()
    audit.record(
        session, caller, "busy-calendar.connected", calendar.id, at=now, after=told(calendar)
    )
    return calendar


async def disconnect(
    session: AsyncSession, caller: Principal, staff_id: UUID, calendar_id: UUID, now: datetime
) -> None:
    calendar = await queries.one(session, caller.business_id, staff_id, calendar_id)
    await keep_times(session, calendar, [], now)
    await session.delete(calendar)
    audit.record(
        session, caller, "busy-calendar.disconnected", calendar.id, at=now, before=told(calendar)
    )


async def fetch_soon(
    session: AsyncSession, caller: Principal, staff_id: UUID, calendar_id: UUID, now: datetime
) -> BusyCalendar:
    calendar = await queries.one(session, caller.business_id, staff_id, calendar_id)
    calendar.try_soon(now)
    return calendar


def told(calendar: BusyCalendar) -> dict[str, Any]:
    return {"staff_id": str(calendar.staff_id), "name": calendar.name, "host": calendar.host}
