from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.problems import Forbidden, NotFound
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.appointments.views import view
from scheduling.series import commands, queries
from scheduling.series.membership import expected_start, is_overridden, occurrence
from scheduling.series.problems import SeriesConflicts, SeriesRuleRefused
from scheduling.series.schemas import (
    BookedSeries,
    InSeries,
    SeriesFilter,
    SeriesSummary,
    SeriesView,
    SeriesWrite,
)

router = Router(prefix="/api/appointment-series", tags=["appointment series"])

Member = Annotated[Principal, Depends(Allow())]


@router.post(
    "",
    status_code=201,
    responses=problems(NotFound, Forbidden, NobodyOffersThis, SeriesRuleRefused, SeriesConflicts)
    | {
        200: {"model": BookedSeries, "description": "A dry run: nothing was written"},
        202: {"model": BookedSeries, "description": "What they need is still being asked for"},
    },
)
async def book_series(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: SeriesWrite,
    response: Response,
) -> BookedSeries:
    """All of it or nothing, unless told to skip what is not possible."""
    booked = await commands.book(session, process, caller, wanted, now)
    if booked.id is None:
        response.status_code = 200
    else:
        response.status_code = 201 if booked.is_settled else 202
        response.headers["Location"] = f"/api/appointment-series/{booked.id}"
    return booked


@router.get("", response_model=Page[SeriesSummary])
async def list_series(
    caller: Member, session: Session, wanted: Annotated[SeriesFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/{series_id}", responses=problems(NotFound))
async def read_series(series_id: UUID, caller: Member, session: Session) -> SeriesView:
    series, appointments = await queries.read(session, caller, series_id)
    return SeriesView(
        **SeriesSummary.model_validate(series).model_dump(),
        appointments=[
            InSeries(
                appointment=view(one, caller),
                overridden=is_overridden(series, one),
                moved_by_gap=expected_start(series, occurrence(one)).moved_by_gap,
            )
            for one in appointments
        ],
    )
