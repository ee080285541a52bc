from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from catalog.services import commands, queries
from catalog.services.models import Service
from catalog.services.problems import ServiceInUse, ServiceNameTaken, UnknownStaffMember
from catalog.services.schemas import ServiceFilter, ServiceView, ServiceWrite
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import VersionSeen, tag
from chassis.problems import NotFound, Stale
from contracts.permissions import Permission

router = Router(prefix="/api/services", tags=["services"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_SERVICES))]


@router.get("", response_model=Page[ServiceView])
async def list_services(
    caller: Member, session: Session, wanted: Annotated[ServiceFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.post(
    "",
    status_code=201,
    response_model=ServiceView,
    responses=problems(ServiceNameTaken, UnknownStaffMember),
)
async def create_service(
    caller: Manager, session: Session, now: Now, wanted: ServiceWrite, response: Response
) -> Service:
    service = await commands.create(session, caller, wanted, now)
    response.headers["Location"] = f"/api/services/{service.id}"
    tag(response, service.version)
    return service


@router.get("/{service_id}", response_model=ServiceView, responses=problems(NotFound))
async def read_service(
    service_id: UUID, caller: Member, session: Session, response: Response
) -> Service:
    service = await queries.read(session, caller.business_id, service_id)
    tag(response, service.version)
    return service


@router.put(
    "/{service_id}",
    response_model=ServiceView,
    responses=problems(NotFound, UnknownStaffMember, ServiceNameTaken, Stale),
)
async def change_service(
    service_id: UUID,
    caller: Manager,
    session: Session,
    now: Now,
    seen: VersionSeen,
    wanted: ServiceWrite,
    response: Response,
) -> Service:
    service = await commands.change(session, caller, service_id, wanted, seen, now)
    tag(response, service.version)
    return service


@router.delete("/{service_id}", status_code=204, responses=problems(NotFound, ServiceInUse, Stale))
async def archive_service(
    service_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
) -> None:
    await commands.archive(session, process, caller, service_id, seen, now)
