from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import VersionSeen, tag
from chassis.problems import NotFound, Stale
from contracts.moments import MomentRange
from contracts.permissions import Permission
from pilates.copies.queries import known_business
from pilates.resources import commands, out_of_service, queries
from pilates.resources.models import Resource
from pilates.resources.problems import (
    LabelTaken,
    OutageOver,
    OutOfServiceAlready,
    PropsShort,
    ResourceInUse,
    TooManyResources,
)
from pilates.resources.schemas import (
    Availability,
    AvailabilityQuery,
    Outages,
    OutageWrite,
    Outcome,
    Reservations,
    ResourceFilter,
    ResourceNow,
    ResourceWrite,
    RoomMap,
)

router = Router(prefix="/api/resources", tags=["resources"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_CLASSES))]


@router.get("")
async def list_resources(
    caller: Member, session: Session, now: Now, wanted: Annotated[ResourceFilter, Query()]
) -> Page[ResourceNow]:
    found, next_cursor = await queries.find(session, caller.business_id, wanted)
    items = await queries.as_it_is(session, caller.business_id, found, now)
    return Page(items=items, next_cursor=next_cursor)


@router.post("", status_code=201, responses=problems(NotFound, LabelTaken, TooManyResources))
async def create_resource(
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    wanted: ResourceWrite,
    response: Response,
) -> ResourceNow:
    """A machine that is put into a room is a spot of the classes that are published there."""
    resource = await commands.create(session, process, caller, wanted, now)
    response.headers["Location"] = f"/api/resources/{resource.id}"
    return await shown(resource, session, now, response)


@router.get("/availability")
async def read_availability(
    caller: Member,
    session: Session,
    process: Process,
    wanted: Annotated[AvailabilityQuery, Query()],
) -> Availability:
    """How many machines of a kind nobody has, at the worst instant and from change to change."""
    business = await known_business(session, process, caller.business_id)
    begins, ends = wanted.in_zone(business.time_zone)
    return await queries.availability(session, business.business_id, wanted.kind, begins, ends)


@router.get("/{resource_id}", responses=problems(NotFound))
async def read_resource(
    resource_id: UUID, caller: Member, session: Session, now: Now, response: Response
) -> ResourceNow:
    resource = await queries.read(session, caller.business_id, resource_id)
    return await shown(resource, session, now, response)


@router.put(
    "/{resource_id}", responses=problems(NotFound, LabelTaken, PropsShort, ResourceInUse, Stale)
)
async def change_resource(
    resource_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
    wanted: ResourceWrite,
    response: Response,
) -> ResourceNow:
    """A machine that somebody has reserved neither changes its room nor its kind."""
    resource = await commands.change(session, process, caller, resource_id, wanted, seen, now)
    return await shown(resource, session, now, response)


@router.delete(
    "/{resource_id}", status_code=204, responses=problems(NotFound, ResourceInUse, Stale)
)
async def archive_resource(
    resource_id: UUID, caller: Manager, session: Session, now: Now, seen: VersionSeen
) -> None:
    await commands.archive(session, caller, resource_id, seen, now)


@router.get("/{resource_id}/outages", responses=problems(NotFound))
async def list_outages(resource_id: UUID, caller: Member, session: Session, now: Now) -> Outages:
    """Those that are not over."""
    resource = await queries.read(session, caller.business_id, resource_id)
    return await queries.outages_ahead(session, resource, now)


@router.post(
    "/{resource_id}/outages", status_code=201, responses=problems(NotFound, OutOfServiceAlready)
)
async def take_out_of_service(
    resource_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    wanted: OutageWrite,
    response: Response,
) -> Outcome:
    """Says what becomes of the sessions and appointments that have it reserved."""
    outcome = await out_of_service.take_out(session, process, caller, resource_id, wanted, now)
    place = f"/api/resources/{resource_id}/outages"
    response.headers["Location"] = f"{place}/{outcome.outage.id}"
    return outcome


@router.post("/{resource_id}/outages/{outage_id}/end", responses=problems(NotFound, OutageOver))
async def bring_back_into_service(
    resource_id: UUID,
    outage_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
) -> Outcome:
    return await out_of_service.bring_back(session, process, caller, resource_id, outage_id, now)


@router.delete("/{resource_id}/outages/{outage_id}", responses=problems(NotFound))
async def forget_outage(
    resource_id: UUID,
    outage_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
) -> Outcome:
    """It was a mistake: it has never been out of service."""
    return await out_of_service.bring_back(
        session, process, caller, resource_id, outage_id, now, forget=True
    )


@router.get("/{resource_id}/reservations", responses=problems(NotFound))
async def list_reservations(
    resource_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    wanted: Annotated[MomentRange, Query()],
) -> Reservations:
    resource = await queries.read(session, caller.business_id, resource_id)
    business = await known_business(session, process, caller.business_id)
    begins, ends = wanted.in_zone(business.time_zone)
    items = await queries.reservations(session, business.business_id, resource.id, begins, ends)
    return Reservations(items=items)


@router.get("/{room_id}/spots", responses=problems(NotFound))
async def read_map(room_id: UUID, caller: Member, session: Session, now: Now) -> RoomMap:
    return await queries.map_of(session, caller.business_id, room_id, now)


async def shown(
    resource: Resource, session: Session, now: datetime, response: Response
) -> ResourceNow:
    tag(response, resource.version)
    found = await queries.as_it_is(session, resource.business_id, [resource], now)
    return found[0]
