from typing import Annotated

from fastapi import Depends, Query

from chassis.auth import Allow, Principal, public
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import NotFound
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.copies.models import Business, Service
from scheduling.copies.queries import known, published_page, service_on
from scheduling.slots import queries
from scheduling.slots.schemas import Availability, AvailabilityQuery

router = Router(tags=["availability"])

Member = Annotated[Principal, Depends(Allow())]
Wanted = Annotated[AvailabilityQuery, Query()]
refusals = problems(NotFound, NobodyOffersThis)


@router.get("/api/availability", responses=refusals)
async def read_availability(
    caller: Member, session: Session, process: Process, now: Now, wanted: Wanted
) -> Availability:
    """All that is free: notice and horizon bind the public, not the studio."""
    business = await known(session, process, Business, caller.business_id, caller.business_id)
    service = await known(session, process, Service, caller.business_id, wanted.service_id)
    return await queries.find(
        session, business, service, wanted.staff_id, wanted, now, public=False
    )


@router.get(
    "/api/public/booking/{slug}/availability", dependencies=[Depends(public)], responses=refusals
)
async def read_public_availability(
    slug: str, session: Session, process: Process, now: Now, wanted: Wanted
) -> Availability:
    page = await published_page(session, process, slug)
    business = await known(session, process, Business, page.business_id, page.business_id)
    service = await service_on(session, process, page, wanted.service_id)
    return await queries.find(session, business, service, wanted.staff_id, wanted, now, public=True)
