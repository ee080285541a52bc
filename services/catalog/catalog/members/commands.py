from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.members.grants import check_grant, check_may_change
from catalog.members.models import Member
from catalog.members.problems import LastOwner
from catalog.members.schemas import MemberPatch, MemberView
from catalog.sign_ins.models import SignIn
from chassis import audit
from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.problems import NotFound


async def change(
    session: AsyncSession,
    caller: Principal,
    member_id: UUID,
    wanted: MemberPatch,
    seen: int | None,
    now: datetime,
) -> Member:
    member = await locked(session, caller, member_id, seen)
    before = snapshot(member)
    role = wanted.role or member.role
    permissions = member.permissions if wanted.permissions is None else wanted.permissions
    check_grant(caller, role, set(permissions) - set(member.permissions))
    if member.role == "owner" and role != "owner":
        await keep_an_owner(session, member)
    publish_on_commit(session, member.change(role, permissions, now))
    await session.flush()
    audit.record(
        session, caller, "member.changed", member.id, before=before, after=snapshot(member), at=now
    )
    return member


async def revoke(
    session: AsyncSession, caller: Principal, member_id: UUID, seen: int | None, now: datetime
) -> None:
    """Out for good: no refresh from now on, and access tokens are void within seconds."""
    member = await locked(session, caller, member_id, seen)
    before = snapshot(member)
    if member.role == "owner":
        await keep_an_owner(session, member)
    publish_on_commit(session, member.revoke(now))
    await session.execute(
        update(SignIn)
        .where(
            SignIn.business_id == member.business_id,
            SignIn.member_id == member.id,
            SignIn.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    audit.record(session, caller, "member.revoked", member.id, before=before, at=now)


async def locked(
    session: AsyncSession, caller: Principal, member_id: UUID, seen: int | None
) -> Member:
    # Owners are always locked first and in order, so that two who demote each other cannot
    # leave the business without one.
    owners = select(Member.id).where(
        Member.business_id == caller.business_id,
        Member.role == "owner",
        Member.revoked_at.is_(None),
    )
    await session.execute(owners.order_by(Member.id).with_for_update())
    member = await session.get(Member, (caller.business_id, member_id), with_for_update=True)
    if member is None or member.revoked_at:
        raise NotFound
    check_may_change(caller, member.role)
    check_version(member.version, seen, snapshot(member))
    return member


async def keep_an_owner(session: AsyncSession, leaving: Member) -> None:
    another = select(Member.id).where(
        Member.business_id == leaving.business_id,
        Member.id != leaving.id,
        Member.role == "owner",
        Member.revoked_at.is_(None),
    )
    if await session.scalar(another.limit(1)) is None:
        raise LastOwner


def snapshot(member: Member) -> dict[str, object]:
    return MemberView.model_validate(member).model_dump(mode="json")
