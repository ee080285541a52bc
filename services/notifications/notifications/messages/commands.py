from datetime import datetime
from uuid import UUID

from opentelemetry import propagate
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.problems import NotFound
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader, is_wanted
from notifications.messages.models import NO_RECEIPT, Message
from notifications.messages.problems import MessageOvertaken, MessageUnwanted


async def send_again(
    session: AsyncSession, caller: Principal, message_id: UUID, now: datetime
) -> Message:
    """Queue the message once more, as a new one; its recipient gets a second mail."""
    said = await session.get(
        Message, (caller.business_id, message_id), with_for_update={"key_share": True}
    )
    if said is None:
        raise NotFound
    said.check_repeatable(now)
    await check_wanted(session, said)
    same = (
        Message.business_id == caller.business_id,
        Message.about == said.about,
        Message.recipient == said.recipient,
    )
    later = select(Message.id).where(
        *same, Message.version > said.version, Message.receipt_number == NO_RECEIPT
    )
    if said.receipt_number == NO_RECEIPT and await session.scalar(later.limit(1)):
        raise MessageOvertaken
    copies = select(func.max(Message.copy)).where(
        *same,
        Message.kind == said.kind,
        Message.version == said.version,
        Message.receipt_number == said.receipt_number,
        Message.part == said.part,
    )
    again = repeated(said, (await session.scalar(copies) or 0) + 1, now)
    session.add(again)
    await session.flush()
    after = {"message_id": str(again.id)}
    audit.record(session, caller, "message.sent_again", said.id, after=after, at=now)
    return again


async def check_wanted(session: AsyncSession, said: Message) -> None:
    """Nobody is asked twice to stop: a studio's wish to say it again does not count for more.

    Raises MessageUnwanted.
    """
    topic = Kind(said.kind).topic
    if topic is None:
        return
    reader = Reader(said.recipient, said.customer_id, is_customer=topic != "studio")
    if not await is_wanted(session, said.business_id, topic, reader):
        raise MessageUnwanted


def repeated(said: Message, copy: int, now: datetime) -> Message:
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return Message(
        business_id=said.business_id,
        kind=Kind(said.kind),
        about=said.about,
        version=said.version,
        receipt_number=said.receipt_number,
        part=said.part,
        copy=copy,
        recipient=said.recipient,
        customer_id=said.customer_id,
        context=said.context,
        headers=headers,
        dated_at=now,
    )
