"""One calendar out of every service that has time to show."""

import asyncio
from datetime import datetime
from itertools import chain
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import from_json, to_json

from chassis.http import problems
from chassis.problems import InvalidRequest, Unauthenticated
from contracts.calendar import CalendarEntries, CalendarQuery
from gateway.entrance import Gateway
from gateway.headers import on_behalf_of

SOURCES = ("scheduling", "pilates")
WITHIN_SECONDS = 2

router = APIRouter(tags=["calendar"])


class MergedCalendar(CalendarEntries):
    """Sorted by `starts_at`."""

    unavailable: list[str]
    """Services that did not answer; their entries are missing, not absent."""


@router.get(
    "/api/calendar",
    response_model=MergedCalendar,
    responses=problems(InvalidRequest, Unauthenticated),
)
async def read_calendar(request: Request, asked: Annotated[CalendarQuery, Query()]) -> Response:
    gateway: Gateway = request.app.state.gateway
    headers = on_behalf_of(request.scope["headers"], request.state.caller)
    query = urlencode(asked.model_dump(mode="json", by_alias=True), doseq=True)
    path_and_query = f"/api/calendar?{query}"
    fetched = await asyncio.gather(
        *(
            gateway.upstreams[name].fetch(path_and_query, headers, within_seconds=WITHIN_SECONDS)
            for name in SOURCES
        )
    )
    for answered in fetched:
        if answered and 400 <= answered[0] < 500:
            return Response(answered[1], answered[0], media_type="application/problem+json")
    calendars = [entries_of(answered) for answered in fetched]
    merged = {
        "entries": sorted(chain.from_iterable(filter(None, calendars)), key=starts_at),
        "unavailable": [
            name for name, entries in zip(SOURCES, calendars, strict=True) if entries is None
        ],
    }
    return Response(to_json(merged), media_type="application/json")


def entries_of(answered: tuple[int, bytes] | None) -> list[dict[str, Any]] | None:
    """Not validated again: 800 entries would take longer to check than to fetch."""
    if answered is None or answered[0] != 200:
        return None
    try:
        entries: list[dict[str, Any]] = from_json(answered[1])["entries"]
    except (ValueError, KeyError, TypeError):
        return None
    return entries


def starts_at(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["starts_at"])
