from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from contracts.notifications import MailBounced
from notifications.bounces.models import Bounce


async def tell(session: AsyncSession, bounce: Bounce, now: datetime) -> None:
    """The mailer, which knows no outbox, has written the row; the worker announces it."""
    bounce.tell_at = None
    fact = MailBounced(
        occurred_at=now,
        business_id=bounce.business_id,
        message_id=bounce.message_id,
        email=bounce.email,
        customer_id=bounce.customer_id,
        reason=bounce.reason,
    )
    publish_on_commit(session, fact)
