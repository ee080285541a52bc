from typing import Annotated

from fastapi import Depends, Query, Request, Response

from calendaring.local_time import NonexistentLocalTime, instant_of
from chassis.auth import Allow, Principal, public
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import NotFound
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.copies.queries import business_and_service, published_offer
from scheduling.holds.holder import hashed
from scheduling.slots import queries
from scheduling.slots.finished_answers import Finished, FinishedAnswers
from scheduling.slots.rendering import render
from scheduling.slots.schemas import (
    Availability,
    AvailabilityQuery,
    PublicAvailabilityQuery,
    Reasons,
    ReasonsQuery,
)

JSON = "application/json"


router = Router(tags=["availability"])

Member = Annotated[Principal, Depends(Allow())]
refusals = problems(NotFound, NobodyOffersThis)


@router.get("/api/availability", response_model=Availability, responses=refusals)
async def read_availability(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[AvailabilityQuery, Query()],
) -> Response:
    """All that is free: notice and horizon bind the public, not the studio."""
    business, service = await business_and_service(
        session, process, caller.business_id, wanted.service_id
    )
    free = await queries.find(session, business, service, wanted, now, public=False)
    zone = wanted.time_zone or business.time_zone
    return Response(render(free, service.id, zone), media_type=JSON)


@router.get(
    "/api/availability/reasons",
    responses=problems(NotFound, NobodyOffersThis, NonexistentLocalTime),
)
async def read_reasons(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[ReasonsQuery, Query()],
) -> Reasons:
    """Why an instant is not free, person by person."""
    business, service = await business_and_service(
        session, process, caller.business_id, wanted.service_id
    )
    starts_at = instant_of(wanted.starts_at, business.time_zone)
    return await queries.reasons(session, business, service, wanted.staff_id, starts_at, now)


@router.get(
    "/api/public/booking/{slug}/availability",
    response_model=Availability,
    dependencies=[Depends(public)],
    responses=refusals,
)
async def read_public_availability(
    slug: str,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[PublicAvailabilityQuery, Query()],
    request: Request,
) -> Response:
    finished: FinishedAnswers = request.app.state.finished_answers
    mark = finished.mark()
    _, business, service = await published_offer(session, process, slug, wanted.service_id)
    holder = hashed(wanted.holder) if wanted.holder else None
    free = await queries.find(session, business, service, wanted, now, public=True, holder=holder)
    body = render(free, service.id, wanted.time_zone or business.time_zone).encode()
    if holder is None:
        answer = Finished(body, business.id, now, free.true_until)
        finished.keep((request.scope["path"], request.scope["query_string"]), answer, mark)
    return Response(body, media_type=JSON)
