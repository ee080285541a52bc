from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.accounts.models import Account
from catalog.businesses.models import Business
from catalog.invitations.models import Invitation
from catalog.invitations.schemas import InvitationView, InvitationWrite
from catalog.members.grants import check_grant
from catalog.members.models import Member
from catalog.members.problems import AlreadyMember, StaffMemberLinked
from catalog.staff.commands import locked as locked_staff_member
from catalog.staff.models import StaffMember
from chassis import audit
from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.problems import NotFound
from contracts.catalog import MemberInvited


async def invite(
    session: AsyncSession,
    caller: Principal,
    public_url: str,
    wanted: InvitationWrite,
    now: datetime,
) -> Invitation:
    """A newer invitation of the same e-mail ends the older one."""
    check_grant(caller, wanted.role, wanted.permissions)
    await check_newcomer(session, caller, wanted.email)
    await end_open(session, caller, Invitation.email == wanted.email, now)
    if wanted.staff_id:
        await invite_staff_member(session, caller, wanted.staff_id, now)
    invitation = Invitation(
        business_id=caller.business_id,
        email=wanted.email,
        role=wanted.role,
        permissions=sorted(wanted.permissions),
        staff_id=wanted.staff_id,
    )
    token = invitation.issue(now)
    session.add(invitation)
    await session.flush()
    business = await session.get_one(Business, caller.business_id)
    publish_on_commit(session, invited(invitation, business, public_url, token, now))
    record(session, caller, "member.invited", invitation, now)
    return invitation


async def withdraw(
    session: AsyncSession, caller: Principal, invitation_id: UUID, now: datetime
) -> None:
    if not await end_open(session, caller, Invitation.id == invitation_id, now):
        raise NotFound


async def check_newcomer(session: AsyncSession, caller: Principal, email: str) -> None:
    present = (
        select(Member.id)
        .join(Account, Account.id == Member.account_id)
        .where(
            Member.business_id == caller.business_id,
            Member.revoked_at.is_(None),
            Account.email == email,
        )
    )
    if await session.scalar(present):
        raise AlreadyMember


async def end_open(
    session: AsyncSession, caller: Principal, which: ColumnElement[bool], now: datetime
) -> bool:
    """Whether there was one; the staff member who was to join by it is active again."""
    statement = (
        select(Invitation)
        .where(Invitation.business_id == caller.business_id, which)
        .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .with_for_update()
    )
    if (invitation := await session.scalar(statement)) is None:
        return False
    invitation.withdrawn_at = now
    if invitation.staff_id:
        await join(session, caller.business_id, invitation.staff_id, now)
    await session.flush()
    record(session, caller, "member.invitation_withdrawn", invitation, now)
    return True


async def invite_staff_member(
    session: AsyncSession, caller: Principal, staff_id: UUID, now: datetime
) -> None:
    staff_member = await locked_staff_member(session, caller, staff_id)
    linked = select(Member.id).where(
        Member.business_id == caller.business_id,
        Member.staff_id == staff_id,
        Member.revoked_at.is_(None),
    )
    if await session.scalar(linked):
        raise StaffMemberLinked
    publish_on_commit(session, staff_member.become("invited", now))


async def join(
    session: AsyncSession, business_id: UUID, staff_id: UUID, now: datetime
) -> StaffMember | None:
    """None when they were archived while the invitation was open."""
    staff_member = await session.get(
        StaffMember, (business_id, staff_id), with_for_update={"key_share": True}
    )
    if staff_member is None or staff_member.archived_at:
        return None
    publish_on_commit(session, staff_member.become("active", now))
    return staff_member


def invited(
    invitation: Invitation, business: Business, public_url: str, token: str, now: datetime
) -> MemberInvited:
    return MemberInvited(
        occurred_at=now,
        business_id=business.id,
        invitation_id=invitation.id,
        email=invitation.email,
        business_name=business.name,
        locale=business.locale,
        # In the fragment, which browsers send to no server and write into no log.
        accept_url=f"{public_url.rstrip('/')}/join#token={token}",
        expires_at=invitation.expires_at,
    )


def record(
    session: AsyncSession, caller: Principal, action: str, invitation: Invitation, now: datetime
) -> None:
    after = InvitationView.model_validate(invitation).model_dump(mode="json")
    audit.record(session, caller, action, invitation.id, after=after, at=now)
