"""What is to be said becomes a row, in the transaction of the event that makes us say it."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from opentelemetry import propagate
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.mails.facts_of_kinds import FACTS
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader, is_erased, is_wanted, letterhead
from notifications.messages.models import NO_RECEIPT, Message
from notifications.one_line import one_line


class Subject(NamedTuple):
    """The version of which thing a message tells of."""

    id: UUID
    version: int


class Sender(NamedTuple):
    """A business as the event names it; our copy of it may be of another moment."""

    business_id: UUID
    name: str
    locale: str


async def say(
    session: AsyncSession,
    kind: Kind,
    sender: Sender,
    reader: Reader,
    about: Subject,
    told: dict[str, Any],
    *,
    at: datetime,
    receipt_number: int = NO_RECEIPT,
    part: str = "",
) -> None:
    """Say it once: the inbox knows events, this knows what was said of which version to whom."""
    business_id = sender.business_id
    if await is_erased(session, business_id, reader.customer_id):
        return
    if kind.topic and not await is_wanted(session, business_id, kind.topic, reader):
        return
    head = await letterhead(session, business_id, sender.name, sender.locale, reader)
    facts = FACTS[kind].parse(told | head)
    headers: dict[str, str] = {}
    propagate.inject(headers)
    statement = insert(Message).values(
        business_id=business_id,
        kind=kind,
        about=about.id,
        version=about.version,
        receipt_number=receipt_number,
        part=part,
        recipient=one_line(reader.email),
        customer_id=reader.customer_id,
        context=facts.stored(),
        headers=headers,
        dated_at=at,
    )
    await session.execute(statement.on_conflict_do_nothing(constraint="told_once"))
