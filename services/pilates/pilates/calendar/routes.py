from typing import Annotated

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session
from contracts.calendar import CalendarEntries, CalendarQuery
from pilates.calendar import queries
from pilates.copies.queries import known_business

router = Router(prefix="/api/calendar", tags=["calendar"])

Member = Annotated[Principal, Depends(Allow())]


@router.get("", response_model=CalendarEntries)
async def read_calendar(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[CalendarQuery, Query()],
) -> Response:
    """The time of classes; the gateway merges it with the time of people."""
    business = await known_business(session, process, caller.business_id)
    begins, ends = wanted.in_zone(business.time_zone)
    entries = await queries.find(session, caller, wanted, begins, ends, now)
    return Response(entries, media_type="application/json")
