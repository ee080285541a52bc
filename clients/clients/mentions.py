"""What is kept for a while and speaks of somebody who wants to be forgotten: it goes at once."""

import json
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.idempotency import IdempotencyKey
from chassis.inbox import DeadEvent
from chassis.outbox import OutboxMessage
from chassis.problems import TryAgain


async def forget_mentions(
    session: AsyncSession,
    business_id: UUID,
    words: Collection[str],
    subjects: Collection[UUID] = (),
) -> None:
    """Events that have left, those that nobody could apply, answers kept for a repetition, and
    what the audit trail says of these subjects: that something was done to them stays.

    Raises TryAgain while an event that names them is about to leave. Call it before anything of the
    kind is published.
    """
    # As a whole string of JSON: ana@example.com is not diana@example.com.
    words = [json.dumps(word, ensure_ascii=False) for word in words]
    of_business = f".{business_id}"
    ours = OutboxMessage.address.endswith(of_business, autoescape=True)
    spoken = or_(*(OutboxMessage.body.icontains(word, autoescape=True) for word in words))
    await forget_events(session, ours & spoken)
    ours = DeadEvent.address.endswith(of_business, autoescape=True)
    spoken = or_(*(DeadEvent.body.icontains(word, autoescape=True) for word in words))
    await session.execute(delete(DeadEvent).where(ours, spoken))
    answer = func.convert_from(IdempotencyKey.body, "UTF8")
    named = [answer.icontains(word, autoescape=True) for word in words]
    # A guest is told neither their address nor whose the thing is, nor is who changes a thing.
    told = (IdempotencyKey.path, answer)
    named += [part.contains(str(subject)) for part in told for subject in subjects]
    await session.execute(delete(IdempotencyKey).where(or_(*named)))
    if subjects:
        await session.execute(select(func.forget_in_audit_trail(list(subjects))))


async def forget_events(session: AsyncSession, these: ColumnElement[bool]) -> None:
    """Of the outbox. Raises TryAgain while one of them is about to leave, since it would stay."""
    left = OutboxMessage.published_at.is_not(None)
    await session.execute(delete(OutboxMessage).where(these, left))
    leaving = select(OutboxMessage.position).where(these, ~left)
    if await session.scalar(leaving.limit(1)) is not None:
        raise TryAgain
