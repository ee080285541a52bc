"""Deliver events to handlers: at least once from NATS, once in effect."""

import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import prometheus_client
import structlog
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import failpoints
from chassis.database import enter_business, in_transaction
from chassis.inbox import DeadEvent, first_delivery
from chassis.problems import TryAgain
from chassis.runtime import Runtime, ensure_stream, finish
from chassis.telemetry import span
from contracts.event import Event, publisher

log = structlog.get_logger()

Handler = Callable[[AsyncSession, Any], Awaitable[None]]
Acknowledge = Callable[[], Awaitable[None]]
Subscriptions = Mapping[type[Event], tuple[Handler, ...]]

RETRY_AFTER_SECONDS = (0.2, 1, 5, 30, 120, 600)
BATCH = 20
ACK_WAIT_SECONDS = 4
"""So long do events wait that a killed process held; a handler that takes longer meets itself at
the inbox."""
CONSUMER = ConsumerConfig(ack_wait=ACK_WAIT_SECONDS, max_deliver=-1, max_ack_pending=1000)

handled = prometheus_client.Counter("bookly_events_handled_total", "Events applied", ["handler"])
died = prometheus_client.Counter("bookly_events_dead_total", "Events given up", ["handler"])


def consume(subscriptions: Subscriptions) -> list["Listener"]:
    """One loop and one durable consumer a handler, so a poisoned event stops one reaction."""
    events = subscriptions.items()
    return [Listener(event, handler) for event, handlers in events for handler in handlers]


class Listener:
    def __init__(self, event_type: type[Event], handler: Handler) -> None:
        self.event_type, self.handler = event_type, handler
        self.__name__ = f"{event_type.__name__}-{handler.__name__}"
        self._failures = Counter[int]()
        """By place in the stream. NATS's own count has the times too when PostgreSQL was away."""

    async def __call__(self, runtime: Runtime) -> None:
        durable = f"{runtime.settings.service}-{self.__name__}"
        stream, subject = publisher(self.event_type), f"{self.event_type.subject}.*"
        await ensure_stream(runtime, stream)
        pull = runtime.jetstream.pull_subscribe
        subscription = await pull(subject, durable, stream, config=CONSUMER)
        try:
            while True:
                with suppress(TimeoutError):
                    messages = await subscription.fetch(BATCH, timeout=2)
                    # What comes again comes out of order; two who take turns the same way meet
                    # at a lock and never at two.
                    messages.sort(key=lambda message: message.metadata.sequence.stream)
                    together = self.deliver_all if len(messages) > 1 else self.deliver_each
                    await finish(together(runtime, messages, durable))
        finally:
            await subscription.unsubscribe()

    async def deliver_all(self, runtime: Runtime, messages: list[Msg], durable: str) -> None:
        """One commit for all that wait: that keeps up with an import of thousands."""

        async def apply_all(session: AsyncSession) -> None:
            for message in messages:
                with span(f"{durable} handle", message):
                    await self.apply(message.data, durable, session)
                    await session.flush()

        try:
            await in_transaction(runtime.sessions, apply_all)
        except Exception:  # noqa: BLE001  Whatever is wrong with one of them, the others go on.
            await self.deliver_each(runtime, messages, durable)
            return
        await failpoints.reach("before-ack")
        for message in messages:
            await message.ack()
        handled.labels(durable).inc(len(messages))

    async def deliver_each(self, runtime: Runtime, messages: list[Msg], durable: str) -> None:
        for message in messages:
            await self.deliver(runtime, message, durable)

    async def deliver(self, runtime: Runtime, message: Msg, durable: str) -> None:
        try:
            with span(f"{durable} handle", message):
                acknowledge = await self.attempt(runtime, message, durable)
        except TryAgain:
            # The database is away: that is not this event's fault, so no try is counted against it.
            acknowledge = partial(message.nak, delay=1)
        await failpoints.reach("before-ack")
        await acknowledge()

    async def attempt(self, runtime: Runtime, message: Msg, durable: str) -> Acknowledge:
        place = message.metadata.sequence.stream
        try:
            await in_transaction(runtime.sessions, partial(self.apply, message.data, durable))
        except TryAgain:
            raise
        except Exception as error:
            failures = self._failures[place] = self._failures[place] + 1
            log.warning("Event handler failed", handler=durable, failures=failures, exc_info=error)
            if failures <= len(RETRY_AFTER_SECONDS) and not isinstance(error, ValidationError):
                return partial(message.nak, delay=RETRY_AFTER_SECONDS[failures - 1])
            await in_transaction(runtime.sessions, partial(bury, message, durable, error))
            died.labels(durable).inc()
            log.error("Event given up", handler=durable, address=message.subject)  # noqa: TRY400
            acknowledge = message.term
        else:
            handled.labels(durable).inc()
            acknowledge = message.ack
        self._failures.pop(place, None)
        return acknowledge

    async def apply(self, body: bytes | str, durable: str, session: AsyncSession) -> None:
        event = self.event_type.model_validate_json(body)
        await enter_business(session, event.business_id)
        if await first_delivery(session, durable, event.event_id):
            await self.handler(session, event)


async def bury(message: Msg, durable: str, error: Exception, session: AsyncSession) -> None:
    """Keep what could not be applied where a person can look at it."""
    at, stored = traceback.extract_tb(error.__traceback__)[-1], message.metadata
    # Whoever sent it chose its headers and body: nothing in them can be relied on.
    row = {
        "handler": durable,
        "event_id": uuid5(NAMESPACE_OID, f"{stored.stream} {stored.sequence.stream}"),
        "address": message.subject,
        "body": message.data.decode(errors="replace").replace("\0", "\ufffd"),
        "error": f"{type(error).__name__} at {at.filename}:{at.lineno} {at.name}",
    }
    await session.execute(insert(DeadEvent).values(row).on_conflict_do_nothing())
