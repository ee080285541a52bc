from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status
from fastapi.security import APIKeyQuery
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import Principal
from chassis.http import Now, problems
from chassis.problems import InvalidRequest, TooManyRequests, TryAgain, Unauthenticated
from gateway.entrance import Gateway
from gateway.live.open_streams import OpenStreams
from gateway.live.problems import TicketUsedUp, TooManyStreams
from gateway.live.stream import StreamResponse
from gateway.live.tickets import Ticket
from gateway.members import Member, bearer

TOKENS_IN_URLS = {"access_token", "token", "bearer", "authorization", "jwt", "id_token"}
FRAMES = """\
Server-sent events. `snapshot` comes first: read `GET /api/calendar` then, all that was committed up
to its id is in it. `entry` is a CalendarEntry with `removed`, and without `conflict`, which depends
on more than the entry. `range` says `begins`, `ends` and `staff_id` of what must be read again.
`resync` means that something was missed for good: read the calendar again. Comments are heartbeats.
After a cut go on with `Last-Event-ID`, or `last_event_id` where no header can be set.
"""
STREAM_DOCUMENTED = {
    "description": FRAMES,
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}

router = APIRouter(prefix="/api/calendar/live", tags=["calendar"])

ticket_in_query = APIKeyQuery(name="ticket", scheme_name="ticket", auto_error=False)


class LiveQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ticket: str | None = Field(default=None, min_length=20, max_length=100)
    last_event_id: str | None = None


async def reader(request: Request, now: Now) -> Principal:
    """By a token in the header, or by a ticket that this uses up."""
    if TOKENS_IN_URLS & {name.lower() for name in request.query_params}:
        raise Unauthenticated("A token has no place in a URL: get a ticket and give that.")
    gateway: Gateway = request.app.state.gateway
    if authorization := request.headers.get("Authorization"):
        principal = gateway.verifier.principal(authorization)
    else:
        principal = await redeemed(request, now)
    gateway.allowances.take_for_member(principal.member_id, principal.business_id)
    return principal


async def redeemed(request: Request, now: datetime) -> Principal:
    streams: OpenStreams = request.app.state.streams
    ticket = request.query_params.get("ticket")
    if not ticket:
        raise Unauthenticated("Give a token in the header Authorization, or a ticket.")
    return await streams.tickets.redeem(ticket[:100], now)


@router.get(
    "",
    status_code=status.HTTP_200_OK,
    response_class=StreamResponse,
    dependencies=[Depends(bearer), Depends(ticket_in_query)],
    responses={
        **problems(
            *(InvalidRequest, Unauthenticated, TicketUsedUp),
            *(TooManyRequests, TooManyStreams, TryAgain),
        ),
        200: STREAM_DOCUMENTED,
    },
)
async def follow_calendar(
    request: Request,
    principal: Annotated[Principal, Depends(reader)],
    asked: Annotated[LiveQuery, Query()],
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamResponse:
    streams: OpenStreams = request.app.state.streams
    return await streams.open(principal, last_event_id or asked.last_event_id)


@router.post(
    "/tickets",
    status_code=status.HTTP_201_CREATED,
    responses=problems(Unauthenticated, TooManyRequests, TryAgain),
)
async def issue_ticket(request: Request, response: Response, caller: Member, now: Now) -> Ticket:
    """Never replayed: an Idempotency-Key is not needed, since an unused ticket ends by itself."""
    streams: OpenStreams = request.app.state.streams
    response.headers["Cache-Control"] = "no-store"
    return await streams.tickets.issue(caller, now)
