"""Whose place is gone is not awaited in it any more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.invitations.models import Invitation
from catalog.invitations.schemas import InvitationView
from chassis import audit
from chassis.auth import Principal


async def lock_invitations(
    session: AsyncSession, caller: Principal, staff_id: UUID
) -> Sequence[Invitation]:
    """Those still open. Locked before the staff member, as by whoever accepts one."""
    awaited = select(Invitation).where(
        Invitation.business_id == caller.business_id,
        Invitation.staff_id == staff_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    return (await session.scalars(awaited.order_by(Invitation.id).with_for_update())).all()


async def withdraw_invitations(
    session: AsyncSession, caller: Principal, staff_id: UUID, now: datetime
) -> None:
    """The staff member is locked, so that none is written meanwhile."""
    for invitation in await lock_invitations(session, caller, staff_id):
        invitation.withdrawn_at = now
        after = InvitationView.model_validate(invitation).model_dump(mode="json")
        action = "member.invitation_withdrawn"
        audit.record(session, caller, action, invitation.id, after=after, at=now)
