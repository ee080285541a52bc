from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from catalog.members import commands, queries
from catalog.members.models import Member
from catalog.members.problems import LastOwner
from catalog.members.schemas import MemberPatch, MemberView
from chassis.auth import Allow, Principal
from chassis.http import Now, Router, Session, problems
from chassis.pages import Page, Paging
from chassis.preconditions import VersionSeen, tag
from chassis.problems import Forbidden, NotFound, Stale
from contracts.permissions import Permission

router = Router(prefix="/api/members", tags=["members"])

Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_STAFF))]


@router.get("", response_model=Page[MemberView])
async def list_members(caller: Manager, session: Session, wanted: Paging) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/{member_id}", response_model=MemberView, responses=problems(NotFound))
async def read_member(
    member_id: UUID, caller: Manager, session: Session, response: Response
) -> Member:
    member = await queries.read(session, caller.business_id, member_id)
    tag(response, member.version)
    return member


@router.patch(
    "/{member_id}",
    response_model=MemberView,
    responses=problems(NotFound, Forbidden, LastOwner, Stale),
)
async def change_member(
    member_id: UUID,
    caller: Manager,
    session: Session,
    now: Now,
    seen: VersionSeen,
    wanted: MemberPatch,
    response: Response,
) -> Member:
    member = await commands.change(session, caller, member_id, wanted, seen, now)
    tag(response, member.version)
    return member


@router.delete(
    "/{member_id}", status_code=204, responses=problems(NotFound, Forbidden, LastOwner, Stale)
)
async def revoke_member(
    member_id: UUID, caller: Manager, session: Session, now: Now, seen: VersionSeen
) -> None:
    await commands.revoke(session, caller, member_id, seen, now)
