from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from calendaring.local_time import NonexistentLocalTime
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, Settling, problems
from chassis.pages import Page
from chassis.problems import NotFound
from contracts.permissions import Permission
from pilates.class_series import commands, queries
from pilates.class_series.answers import place, settled_answer
from pilates.class_series.problems import SeriesConflicts, SeriesRuleRefused
from pilates.class_series.schemas import (
    MadeSeries,
    SeriesFilter,
    SeriesSummary,
    SeriesView,
    SeriesWrite,
)
from pilates.class_templates.problems import QuietHoursRefused

router = Router(prefix="/api/class-series", tags=["class series"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_CLASSES))]

OTHERWISE: dict[int | str, dict[str, Any]] = {
    200: {"model": MadeSeries, "description": "A dry run: nothing was written"},
    202: {"model": MadeSeries, "description": "Its instructor is still being asked for"},
}


@router.post(
    "",
    status_code=201,
    response_model=MadeSeries,
    responses=problems(
        NotFound, NonexistentLocalTime, QuietHoursRefused, SeriesRuleRefused, SeriesConflicts
    )
    | OTHERWISE,
)
async def create_class_series(
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    settle: Settling,
    wanted: SeriesWrite,
    response: Response,
) -> MadeSeries:
    """All of it or nothing, unless told to skip what is not possible."""
    made, open_ = await commands.create(session, process, caller, wanted, now)
    if made.id is None:
        response.status_code = 200
        return made
    response.headers["Location"] = place(made)
    if open_:
        response.status_code = 202
        settle(partial(settled_answer, process, open_, made))
    return made


@router.get("", response_model=Page[SeriesSummary])
async def list_class_series(
    caller: Member, session: Session, wanted: Annotated[SeriesFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/{series_id}", responses=problems(NotFound))
async def read_class_series(
    series_id: UUID, caller: Member, session: Session, now: Now
) -> SeriesView:
    return await queries.read(session, caller.business_id, series_id, now)
