from sqlalchemy.ext.asyncio import AsyncSession

from catalog.businesses.models import Business
from catalog.members.models import Member
from catalog.sign_ins.schemas import Me
from chassis.auth import Principal
from chassis.problems import Unauthenticated


async def me(session: AsyncSession, caller: Principal) -> Me:
    """As the database has it now, which may be newer than the caller's token."""
    member = await session.get(Member, (caller.business_id, caller.member_id))
    business = await session.get(Business, caller.business_id)
    if member is None or business is None or member.revoked_at:
        raise Unauthenticated("This account is no longer a member here.")
    return Me.model_validate(
        {"account": member.account, "business": business, "member": member}, from_attributes=True
    )
