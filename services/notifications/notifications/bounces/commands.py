from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.outbox import publish_on_commit
from contracts.notifications import MailBounced
from notifications.bounces.models import Bounce
from notifications.bounces.problems import StillBeingSent
from notifications.mails import links
from notifications.mails.kinds import Kind
from notifications.messages.models import UNDERWAY, Message


async def record(session: AsyncSession, about: links.Message, reason: str, now: datetime) -> None:
    """By a report that came after the mail was taken; told once, however often it is reported.

    Raises StillBeingSent: what says afterwards that the mail was taken would undo it.
    """
    await enter_business(session, about.business_id)
    key = (about.business_id, about.id)
    message = await session.get(Message, key, with_for_update={"key_share": True})
    if message is None or Kind(message.kind).is_last_word:
        # Whoever is forgotten is known by no address.
        return
    if message.state in UNDERWAY:
        raise StillBeingSent
    bounce = insert(Bounce).values(
        business_id=message.business_id,
        email=message.recipient,
        customer_id=message.customer_id,
        message_id=message.id,
        reason=reason,
        reported=True,
        at=now,
        tell_at=now,
    )
    new = {name: bounce.excluded[name] for name in ("message_id", "reason", "reported", "at")}
    await session.execute(
        bounce.on_conflict_do_update(
            constraint="one_bounce_an_address",
            set_=new,
            where=Bounce.message_id != bounce.excluded.message_id,
        )
    )


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
