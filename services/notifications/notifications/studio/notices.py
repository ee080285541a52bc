"""Tell the studio of a booking: whom it concerns, and the business itself, as it has set."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.copies.models import Business, StaffMember
from notifications.mail_settings.queries import settings_of
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.models import Message
from notifications.messages.queueing import Sender, Subject, say

NOTICES = (Kind.BOOKING_NEW, Kind.BOOKING_CHANGED, Kind.BOOKING_CANCELLED)


async def notify(
    session: AsyncSession,
    kind: Kind,
    sender: Sender,
    about: Subject,
    told: dict[str, Any],
    *,
    at: datetime,
    staff: set[UUID | None],
    customer_id: UUID | None,
    business_too: bool = True,
) -> None:
    for email in await addresses(session, sender.business_id, staff, business_too=business_too):
        reader = Reader(email, customer_id, is_customer=False)
        await say(session, kind, sender, reader, about, told, at=at)


async def addresses(
    session: AsyncSession, business_id: UUID, staff: set[UUID | None], *, business_too: bool
) -> list[str]:
    """Each once, without regard to case: a small studio has one address for everything."""
    settings = await settings_of(session, business_id)
    found: dict[str, str] = {}
    if settings.notices_to_staff and (ids := staff - {None}):
        members = select(StaffMember.email).where(
            StaffMember.business_id == business_id,
            StaffMember.id.in_(ids),
            StaffMember.archived_at.is_(None),
            StaffMember.email.is_not(None),
        )
        emails = map(str, await session.scalars(members.order_by(StaffMember.id)))
        found |= {email.lower(): email for email in emails}
    if settings.notices_to_business and business_too:
        business = await session.get(Business, business_id)
        if business and business.email:
            found.setdefault(business.email.lower(), business.email)
    return list(found.values())


async def was_told(session: AsyncSession, business_id: UUID, about: Subject) -> bool:
    """Whether the studio has heard of this booking from us, as it was before."""
    notices = select(Message.id).where(
        Message.business_id == business_id,
        Message.about == about.id,
        # What came later may be heard earlier, and says nothing of this.
        Message.version < about.version,
        Message.kind.in_(NOTICES),
    )
    return await session.scalar(notices.limit(1)) is not None
