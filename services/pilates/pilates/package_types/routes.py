from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import VersionSeen, tag
from chassis.problems import NotFound, Stale
from contracts.permissions import Permission
from pilates.package_types import commands, queries
from pilates.package_types.models import PackageType
from pilates.package_types.problems import UnknownOffer
from pilates.package_types.schemas import PackageTypeFilter, PackageTypeView, PackageTypeWrite

router = Router(prefix="/api/package-types", tags=["packages"])

Member = Annotated[Principal, Depends(Allow())]
Seller = Annotated[Principal, Depends(Allow(Permission.MANAGE_PACKAGES))]


@router.get("", response_model=Page[PackageTypeView])
async def list_package_types(
    caller: Member, session: Session, wanted: Annotated[PackageTypeFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.post("", status_code=201, response_model=PackageTypeView, responses=problems(UnknownOffer))
async def create_package_type(
    caller: Seller,
    session: Session,
    process: Process,
    now: Now,
    wanted: PackageTypeWrite,
    response: Response,
) -> PackageType:
    type_ = await commands.create(session, process, caller, wanted, now)
    response.headers["Location"] = f"/api/package-types/{type_.id}"
    tag(response, type_.version)
    return type_


@router.get("/{type_id}", response_model=PackageTypeView, responses=problems(NotFound))
async def read_package_type(
    type_id: UUID, caller: Member, session: Session, response: Response
) -> PackageType:
    type_ = await queries.read(session, caller.business_id, type_id)
    tag(response, type_.version)
    return type_


@router.put(
    "/{type_id}",
    response_model=PackageTypeView,
    responses=problems(NotFound, UnknownOffer, Stale),
)
async def change_package_type(
    type_id: UUID,
    caller: Seller,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
    wanted: PackageTypeWrite,
    response: Response,
) -> PackageType:
    """For later buyers: packages that were sold stay as they are."""
    type_ = await commands.change(session, process, caller, type_id, wanted, seen, now)
    tag(response, type_.version)
    return type_


@router.delete("/{type_id}", status_code=204, responses=problems(NotFound, Stale))
async def archive_package_type(
    type_id: UUID, caller: Seller, session: Session, now: Now, seen: VersionSeen
) -> None:
    """Not sold any more."""
    await commands.archive(session, caller, type_id, seen, now)
