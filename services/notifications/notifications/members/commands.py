from sqlalchemy.ext.asyncio import AsyncSession

from contracts.catalog import MemberInvited
from notifications.copies.models import Business
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say


async def invite_member(session: AsyncSession, event: MemberInvited) -> None:
    business = await session.get(Business, event.business_id)
    await say(
        session,
        Kind.MEMBER_INVITED,
        Sender(event.business_id, event.business_name, event.locale),
        Reader(event.email, is_customer=False),
        Subject(event.invitation_id, 1),
        event.model_dump() | {"time_zone": business.time_zone if business else "UTC"},
        at=event.occurred_at,
    )
