from typing import Annotated

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal
from chassis.http import Process, Router, Session
from contracts.calendar import CalendarEntries, CalendarQuery
from scheduling.calendar import queries
from scheduling.calendar.entries import time_off_entry
from scheduling.copies.models import Business
from scheduling.copies.queries import known
from scheduling.time_off import queries as time_off

router = Router(prefix="/api/calendar", tags=["calendar"])

Member = Annotated[Principal, Depends(Allow())]


@router.get("", response_model=CalendarEntries)
async def read_calendar(
    caller: Member, session: Session, process: Process, wanted: Annotated[CalendarQuery, Query()]
) -> Response:
    """People's time; the gateway merges it with the time of things."""
    business = await known(session, process, Business, caller.business_id, caller.business_id)
    begins, ends = wanted.in_zone(business.time_zone)
    off = await time_off.between(session, business, begins, ends, wanted.staff or None)
    entries = await queries.find(
        session, caller, wanted, begins, ends, [time_off_entry(one) for one in off]
    )
    return Response(entries, media_type="application/json")
