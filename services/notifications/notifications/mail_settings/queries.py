from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.mail_settings.models import DEFAULTS, MailSettings

NEVER_SET = 0


async def settings_of(session: AsyncSession, business_id: UUID) -> MailSettings:
    """As the business has set them, or what stands until it does."""
    mine = select(MailSettings).where(MailSettings.business_id == business_id)
    found: MailSettings | None = await session.scalar(mine)
    return found or MailSettings(
        business_id=business_id, version=NEVER_SET, reply_to=None, **DEFAULTS
    )
