from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from catalog.invitations import acceptance, commands, queries
from catalog.invitations.models import Invitation
from catalog.invitations.problems import InvitationEnded, NameNeeded
from catalog.invitations.schemas import Acceptance, InvitationView, InvitationWrite
from catalog.members.problems import AlreadyMember, StaffMemberLinked
from catalog.sign_ins.problems import TooManySignIns, WrongCredentials
from catalog.sign_ins.schemas import SignedIn
from catalog.sign_ins.secrecy import never_stored
from chassis.auth import Allow, Principal, public
from chassis.http import Now, Process, Router, Session, answer, problems
from chassis.pages import Page, Paging
from chassis.problems import Forbidden, NotFound, Problem
from contracts.permissions import Permission

router = Router(prefix="/api/members/invitations", tags=["members"])

Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_STAFF))]


@router.get("", response_model=Page[InvitationView])
async def list_invitations(caller: Manager, session: Session, wanted: Paging) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.post(
    "",
    status_code=201,
    response_model=InvitationView,
    responses=problems(Forbidden, NotFound, AlreadyMember, StaffMemberLinked),
)
async def invite_member(
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    wanted: InvitationWrite,
    response: Response,
) -> Invitation:
    public_url = process.settings.public_url
    invitation = await commands.invite(session, caller, public_url, wanted, now)
    response.headers["Location"] = f"/api/members/invitations/{invitation.id}"
    return invitation


@router.delete("/{invitation_id}", status_code=204, responses=problems(NotFound))
async def withdraw_invitation(
    invitation_id: UUID, caller: Manager, session: Session, now: Now
) -> None:
    await commands.withdraw(session, caller, invitation_id, now)


@router.post(
    "/accept",
    dependencies=[Depends(public), Depends(never_stored)],
    status_code=201,
    response_model=SignedIn,
    responses=problems(
        NotFound, InvitationEnded, NameNeeded, WrongCredentials, TooManySignIns, AlreadyMember
    ),
)
async def accept_invitation(
    session: Session, process: Process, now: Now, wanted: Acceptance
) -> SignedIn | Response:
    outcome = await acceptance.accept(session, process, wanted, now)
    return answer(outcome) if isinstance(outcome, Problem) else outcome
