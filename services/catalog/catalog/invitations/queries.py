from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.invitations.models import Invitation
from chassis.pages import PageRequest, read_page


async def find(
    session: AsyncSession, business_id: UUID, wanted: PageRequest
) -> tuple[list[Invitation], str | None]:
    """Neither accepted nor withdrawn; expired ones too, which may be sent again."""
    pending = select(Invitation).where(
        Invitation.business_id == business_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    return await read_page(session, pending, (Invitation.created_at, Invitation.id), wanted)
