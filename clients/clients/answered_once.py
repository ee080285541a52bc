"""A change that is asked for again is done once, and answered as it was."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.idempotency import IdempotencyKey, IdempotencyKeyReused, claim, digest
from contracts.client_requests import ByCustomer
from contracts.request import Reply

ReplyT = TypeVar("ReplyT", bound=Reply)
Change = Callable[[AsyncSession, Any, Clock], Awaitable[ReplyT]]
Responder = Callable[[AsyncSession, Any], Awaitable[ReplyT]]


def once(reply_type: type[ReplyT]) -> Callable[[Change[ReplyT]], Responder[ReplyT]]:
    """A refusal rolls back with its key, so that it may be asked again.

    Whoever decides reads this service's own clock, once everything is locked.
    """

    def responder_of(change: Change[ReplyT]) -> Responder[ReplyT]:
        async def respond(session: AsyncSession, asked: ByCustomer) -> ReplyT:
            place = place_of(asked)
            fingerprint = digest(asked.model_dump_json().encode())
            if not await claim(session, place, fingerprint):
                return await kept(session, place, fingerprint, reply_type)
            reply = await change(session, asked, session.info["clock"])
            body = reply.model_dump_json().encode()
            answered = update(IdempotencyKey).filter_by(**place).values(status=200, body=body)
            await session.execute(answered)
            return reply

        respond.__name__ = change.__name__
        return respond

    return responder_of


async def ask_anew(session: AsyncSession, asked: ByCustomer, of: type[ByCustomer]) -> None:
    """What was answered to the first request of this id is not so: the same may be asked again."""
    place = place_of(asked) | {"path": of.subject}
    await session.execute(delete(IdempotencyKey).filter_by(**place))


def place_of(asked: ByCustomer) -> dict[str, str]:
    caller = digest(f"customer {asked.business_id} {asked.customer_id}".encode())
    return {"caller": caller, "path": asked.subject, "key": str(asked.request_id)}


async def kept(
    session: AsyncSession, place: dict[str, str], fingerprint: str, reply_type: type[ReplyT]
) -> ReplyT:
    found = (await session.scalars(select(IdempotencyKey).filter_by(**place))).one()
    if found.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return reply_type.model_validate_json(found.body or b"")
