from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.bookings_ahead import bookings_ahead
from catalog.invitations.departure import lock_invitations, withdraw_invitations
from catalog.services.models import Offer, Service
from catalog.staff.models import StaffMember
from catalog.staff.problems import StaffMemberInUse
from catalog.staff.schemas import StaffMemberView, StaffMemberWrite
from chassis import audit
from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime


async def create(
    session: AsyncSession, caller: Principal, wanted: StaffMemberWrite, now: datetime
) -> StaffMember:
    member = StaffMember(business_id=caller.business_id, **wanted.model_dump())
    session.add(member)
    await session.flush()
    await session.refresh(member, ["offers"])
    publish_on_commit(session, member.changed(now))
    record(session, caller, "staff_member.created", member, None, now)
    return member


async def change(
    session: AsyncSession,
    caller: Principal,
    staff_id: UUID,
    wanted: StaffMemberWrite,
    seen: int | None,
    now: datetime,
) -> StaffMember:
    member = await locked(session, caller, staff_id)
    before = snapshot(member)
    check_version(member.version, seen, before)
    publish_on_commit(session, member.change(wanted.model_dump(), now))
    await session.flush()
    record(session, caller, "staff_member.changed", member, before, now)
    return member


async def archive(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    staff_id: UUID,
    seen: int | None,
    now: datetime,
) -> None:
    await lock_invitations(session, caller, staff_id)
    member = await locked(session, caller, staff_id)
    before = snapshot(member)
    check_version(member.version, seen, before)
    if ahead := await bookings_ahead(runtime, caller.business_id, "staff_member", staff_id, now):
        raise StaffMemberInUse(f"{ahead} bookings lie ahead; move or cancel them.", bookings=ahead)
    await withdraw_offers(session, member, now)
    await withdraw_invitations(session, caller, staff_id, now)
    publish_on_commit(session, member.archive(now))
    record(session, caller, "staff_member.archived", member, before, now)


async def withdraw_offers(session: AsyncSession, member: StaffMember, now: datetime) -> None:
    offered = select(Service).where(
        Service.business_id == member.business_id, Service.offers.any(Offer.staff_id == member.id)
    )
    for service in await session.scalars(offered.order_by(Service.id).with_for_update()):
        others = service.staff_ids - {member.id}
        publish_on_commit(session, service.change({"staff_ids": others}, now))


async def locked(session: AsyncSession, caller: Principal, staff_id: UUID) -> StaffMember:
    member = await session.get(
        StaffMember, (caller.business_id, staff_id), with_for_update={"key_share": True}
    )
    if member is None or member.archived_at:
        raise NotFound
    return member


def snapshot(member: StaffMember) -> dict[str, object]:
    return StaffMemberView.model_validate(member).model_dump(mode="json")


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    member: StaffMember,
    before: dict[str, object] | None,
    now: datetime,
) -> None:
    audit.record(session, caller, action, member.id, before=before, after=snapshot(member), at=now)
