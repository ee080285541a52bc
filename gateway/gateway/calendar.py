"""One calendar out of every service that has time to show."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response, status

from chassis.http import problems
from chassis.problems import InvalidRequest, Unauthenticated
from contracts.calendar import CalendarEntries, CalendarQuery
from gateway.calendar_merge import merge
from gateway.conditional import is_unchanged, tag_of
from gateway.entrance import Gateway
from gateway.headers import on_behalf_of
from gateway.members import Member
from gateway.upstream import Fetched

SOURCES = ("scheduling", "pilates")
WITHIN_SECONDS = 2
TOLD_WITH_REFUSALS = (b"www-authenticate", b"retry-after")
OF_ONE_MEMBER = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}

router = APIRouter(tags=["calendar"])


class MergedCalendar(CalendarEntries):
    """Sorted by `starts_at`."""

    unavailable: list[str]
    """Services that did not answer; their entries are missing, not absent."""


@router.get(
    "/api/calendar",
    response_model=MergedCalendar,
    responses={
        **problems(InvalidRequest, Unauthenticated),
        status.HTTP_304_NOT_MODIFIED: {"description": "Nothing has changed"},
    },
)
async def read_calendar(
    request: Request, _caller: Member, asked: Annotated[CalendarQuery, Query()]
) -> Response:
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
        if answered and 400 <= answered.status < 500:
            return refusal(answered)
    calendars = {
        name: answered.body if answered and answered.status == status.HTTP_200_OK else None
        for name, answered in zip(SOURCES, fetched, strict=True)
    }
    body, unavailable = merge(calendars)
    if unavailable:
        # Nobody shall ever be told that an incomplete calendar is still the current one.
        return json(body, {"Cache-Control": "no-store"})
    headers_of_answer = OF_ONE_MEMBER | {"ETag": tag_of(body)}
    if is_unchanged(request.headers.get("If-None-Match"), headers_of_answer["ETag"]):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers_of_answer)
    return json(body, headers_of_answer)


def refusal(answered: Fetched) -> Response:
    """As the service says it, with what tells a client how or when to ask again."""
    told = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in answered.headers
        if name.lower() in TOLD_WITH_REFUSALS
    }
    return Response(answered.body, answered.status, told, "application/problem+json")


def json(body: bytes, headers: dict[str, str]) -> Response:
    return Response(body, headers=headers, media_type="application/json")
