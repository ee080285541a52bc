"""Questions and holds between services, over NATS request/reply."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import nats.errors
import structlog
from nats.aio.msg import Msg
from opentelemetry import propagate
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.problems import InvalidRequest, Problem, TryAgain
from chassis.runtime import Connected, Loop, Runtime, finish
from chassis.telemetry import span
from contracts.request import Reply, Request

log = structlog.get_logger()

TIMEOUT_SECONDS = 0.8
TRIES = 3

ReplyT = TypeVar("ReplyT", bound=Reply)
Responder = Callable[[AsyncSession, Any], Awaitable[Reply]]
Requests = Mapping[type[Request], Responder]


class NoReply(TryAgain):
    """It is unknown whether the other service did what it was asked."""


class Refused(Exception):
    """The other service answered no; `details` says why, as RFC 9457 members."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__(details.get("title"))
        self.details = details


class Envelope(BaseModel):
    reply: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None


async def ask(runtime: Connected, request: Request, reply_type: type[ReplyT]) -> ReplyT:
    """Ask, and ask again; raises NoReply when nobody answered, Refused when the answer is no."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    body = request.model_dump_json().encode()
    for _ in range(TRIES):
        try:
            asked = runtime.nats.request(request.subject, body, TIMEOUT_SECONDS, headers=headers)
            message = await asked
        except (TimeoutError, nats.errors.Error):
            continue
        envelope = Envelope.model_validate_json(message.data)
        if envelope.problem:
            raise Refused(envelope.problem)
        return reply_type.model_validate(envelope.reply)
    raise NoReply(f"{request.subject.split('.')[1]} does not answer")


def answer(requests: Requests) -> list[Loop]:
    """Answer what other services ask, each request in one transaction of its business."""
    return [Answerer(request_type, responder) for request_type, responder in requests.items()]


class Answerer:
    def __init__(self, request_type: type[Request], responder: Responder) -> None:
        self.request_type, self.responder = request_type, responder

    async def __call__(self, runtime: Runtime) -> None:
        await runtime.has_met_nats.wait()
        subject = self.request_type.subject
        subscription = await runtime.nats.subscribe(subject, queue=runtime.settings.service)
        try:
            async with asyncio.TaskGroup() as underway:
                async for message in subscription.messages:
                    underway.create_task(finish(self.respond(runtime, message)))
        finally:
            await subscription.unsubscribe()

    async def respond(self, runtime: Runtime, message: Msg) -> None:
        async def work(session: AsyncSession) -> Reply:
            session.info["clock"], session.info["runtime"] = runtime.clock, runtime
            await enter_business(session, request.business_id)
            return await self.responder(session, request)

        try:
            request = self.request_type.model_validate_json(message.data)
            with span(f"{request.subject} answer", message):
                reply = await in_transaction(runtime.sessions, work)
            envelope = Envelope(reply=reply.model_dump(mode="json"))
        except ValidationError:
            envelope = Envelope(problem=InvalidRequest().details())
        except TryAgain:
            return  # Silence means "unknown", and the asker asks again.
        except Problem as problem:
            envelope = Envelope(problem=problem.details())
        except Exception as error:
            log.error("Defect", request=self.request_type.subject, exc_info=error)  # noqa: TRY400
            return
        await message.respond(envelope.model_dump_json().encode())
