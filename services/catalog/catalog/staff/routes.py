from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from catalog.staff import commands, queries
from catalog.staff.models import StaffMember
from catalog.staff.problems import StaffMemberInUse
from catalog.staff.schemas import StaffFilter, StaffMemberView, StaffMemberWrite
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import VersionSeen, tag
from chassis.problems import NotFound, Stale
from contracts.permissions import Permission

router = Router(prefix="/api/staff", tags=["staff"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_STAFF))]


@router.get("", response_model=Page[StaffMemberView])
async def list_staff(
    caller: Member, session: Session, wanted: Annotated[StaffFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.post(
    "",
    status_code=201,
    response_model=StaffMemberView,
)
async def create_staff_member(
    caller: Manager, session: Session, now: Now, wanted: StaffMemberWrite, response: Response
) -> StaffMember:
    member = await commands.create(session, caller, wanted, now)
    response.headers["Location"] = f"/api/staff/{member.id}"
    tag(response, member.version)
    return member


@router.get("/{staff_id}", response_model=StaffMemberView, responses=problems(NotFound))
async def read_staff_member(
    staff_id: UUID, caller: Member, session: Session, response: Response
) -> StaffMember:
    member = await queries.read(session, caller.business_id, staff_id)
    tag(response, member.version)
    return member


@router.put(
    "/{staff_id}",
    response_model=StaffMemberView,
    responses=problems(NotFound, Stale),
)
async def change_staff_member(
    staff_id: UUID,
    caller: Manager,
    session: Session,
    now: Now,
    seen: VersionSeen,
    wanted: StaffMemberWrite,
    response: Response,
) -> StaffMember:
    member = await commands.change(session, caller, staff_id, wanted, seen, now)
    tag(response, member.version)
    return member


@router.delete(
    "/{staff_id}", status_code=204, responses=problems(NotFound, StaffMemberInUse, Stale)
)
async def archive_staff_member(
    staff_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
) -> None:
    await commands.archive(session, process, caller, staff_id, seen, now)
