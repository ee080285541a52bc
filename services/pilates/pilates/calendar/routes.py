from typing import Annotated

from fastapi import Depends, Query

from chassis.auth import Allow
from chassis.http import Router
from contracts.calendar import CalendarEntries, CalendarQuery

router = Router(prefix="/api/calendar", tags=["calendar"], dependencies=[Depends(Allow())])


@router.get("", response_model=CalendarEntries)
async def read_calendar(_wanted: Annotated[CalendarQuery, Query()]) -> CalendarEntries:
    # The merged calendar asks both owners of time; ours own no class sessions yet.
    return CalendarEntries(entries=[])
