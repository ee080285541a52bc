"""Deliver events to handlers: at least once from NATS, once in effect."""

import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig
from opentelemetry import propagate, trace
from prometheus_client import Counter
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import failpoints
from chassis.database import Sessions, enter_business, in_transaction
from chassis.inbox import DeadEvent, first_delivery
from chassis.problems import TryAgain
from chassis.runtime import Loop, Runtime, ensure_stream
from contracts.event import Event, publisher

log = structlog.get_logger()
tracer = trace.get_tracer("chassis")

Handler = Callable[[AsyncSession, Any], Awaitable[None]]
Subscriptions = Mapping[type[Event], tuple[Handler, ...]]

RETRY_AFTER_SECONDS = (0.2, 1, 5, 30, 120, 600)

handled = Counter("bookly_events_handled_total", "Events applied", ["handler"])
died = Counter("bookly_events_dead_total", "Events given up", ["handler"])


def consume(subscriptions: Subscriptions) -> list[Loop]:
    """One loop and one durable consumer a handler, so a poisoned event stops one reaction."""
    return [
        listener(event_type, handler)
        for event_type, handlers in subscriptions.items()
        for handler in handlers
    ]


def listener(event_type: type[Event], handler: Handler) -> Loop:
    async def listen(runtime: Runtime) -> None:
        durable = f"{runtime.settings.service}-{event_type.__name__}-{handler.__name__}"
        stream = publisher(event_type)
        await ensure_stream(runtime, stream)
        subscription = await runtime.jetstream.pull_subscribe(
            f"{event_type.subject}.*",
            durable=durable,
            stream=stream,
            config=ConsumerConfig(
                ack_policy=AckPolicy.EXPLICIT, ack_wait=30, max_deliver=-1, max_ack_pending=1000
            ),
        )
        while True:
            try:
                messages = await subscription.fetch(100, timeout=2)
            except (TimeoutError, nats.errors.TimeoutError):
                continue
            for message in messages:
                await deliver(runtime, message, event_type, handler, durable)

    listen.__name__ = f"{handler.__name__} on {event_type.__name__}"
    return listen


async def deliver(
    runtime: Runtime, message: Msg, event_type: type[Event], handler: Handler, durable: str
) -> None:
    try:
        event = event_type.model_validate_json(message.data)
    except ValidationError as error:
        await bury(runtime, message, durable, error)
        return
    parent = propagate.extract(message.headers or {})
    try:
        with tracer.start_as_current_span(f"{durable} handle", parent):
            await apply(runtime.sessions, event, handler, durable)
    except (TryAgain, OSError):
        # The database is away: that is not this event's fault, so no try is counted against it.
        await message.nak(delay=1)
    except Exception as error:
        attempt = message.metadata.num_delivered
        log.warning("Event handler failed", handler=durable, attempt=attempt, exc_info=error)
        if attempt > len(RETRY_AFTER_SECONDS):
            await bury(runtime, message, durable, error)
        else:
            await message.nak(delay=RETRY_AFTER_SECONDS[attempt - 1])
    else:
        await failpoints.reach("before-ack")
        await message.ack()
        handled.labels(durable).inc()


async def apply(sessions: Sessions, event: Event, handler: Handler, durable: str) -> None:
    async def once(session: AsyncSession) -> None:
        await enter_business(session, event.business_id)
        if await first_delivery(session, durable, event.event_id):
            await handler(session, event)

    await in_transaction(sessions, once)


async def bury(runtime: Runtime, message: Msg, durable: str, error: Exception) -> None:
    """Keep what could not be applied where a person can look at it, and go on."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    row = {
        "handler": durable,
        "event_id": (message.headers or {}).get("Nats-Msg-Id") or uuid4(),
        "address": message.subject,
        "body": message.data.decode(errors="replace"),
        "error": f"{type(error).__name__} at {place}",
    }

    async def write(session: AsyncSession) -> None:
        await session.execute(insert(DeadEvent).values(row).on_conflict_do_nothing())

    await in_transaction(runtime.sessions, write)
    await message.term()
    died.labels(durable).inc()
    log.error("Event given up", handler=durable, address=message.subject)
