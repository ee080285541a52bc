from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.members.models import Member
from chassis.pages import PageRequest, read_page
from chassis.problems import NotFound


async def read(session: AsyncSession, business_id: UUID, member_id: UUID) -> Member:
    member = await session.get(Member, (business_id, member_id))
    if member is None or member.revoked_at:
        raise NotFound
    return member


async def find(
    session: AsyncSession, business_id: UUID, wanted: PageRequest
) -> tuple[list[Member], str | None]:
    """In the order in which they joined."""
    members = select(Member).where(Member.business_id == business_id, Member.revoked_at.is_(None))
    return await read_page(session, members, (Member.created_at, Member.id), wanted)
