"""Whose place is gone is not awaited in it any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.invitations.models import Invitation
from catalog.invitations.schemas import InvitationView
from chassis import audit
from chassis.auth import Principal


async def withdraw_invitation(
    session: AsyncSession, caller: Principal, staff_id: UUID, now: datetime
) -> None:
    """The staff member is locked, so no invitation for them is being written meanwhile.

    Who accepts at this moment holds the locks in the other order; PostgreSQL ends one of the
    two, which is then done again.
    """
    awaited = select(Invitation).where(
        Invitation.business_id == caller.business_id,
        Invitation.staff_id == staff_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    for invitation in await session.scalars(awaited.order_by(Invitation.id).with_for_update()):
        invitation.withdrawn_at = now
        after = InvitationView.model_validate(invitation).model_dump(mode="json")
        action = "member.invitation_withdrawn"
        audit.record(session, caller, action, invitation.id, after=after, at=now)
