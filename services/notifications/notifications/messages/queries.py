from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import cursor, position
from chassis.problems import NotFound
from notifications.messages.models import Message
from notifications.messages.schemas import MessageFilter


async def newest_messages(
    session: AsyncSession, business_id: UUID, wanted: MessageFilter
) -> tuple[list[Message], str | None]:
    """Newest first: ids are UUIDv7, which grow with time."""
    statement = select(Message).where(Message.business_id == business_id)
    for name in ("state", "kind", "recipient", "about", "customer_id"):
        if (value := getattr(wanted, name)) is not None:
            statement = statement.where(getattr(Message, name) == value)
    if wanted.cursor is not None:
        statement = statement.where(Message.id < position(wanted.cursor, [Message.id])[0])
    statement = statement.order_by(Message.id.desc()).limit(wanted.limit + 1)
    messages = list(await session.scalars(statement))
    if len(messages) <= wanted.limit:
        return messages, None
    messages.pop()
    return messages, cursor([messages[-1].id])


async def one_message(session: AsyncSession, business_id: UUID, message_id: UUID) -> Message:
    message = await session.get(Message, (business_id, message_id))
    if message is None:
        raise NotFound
    return message
