"""Those who were put out stay out: what was revoked goes to where every service looks."""

from datetime import timedelta

import nats.errors
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from chassis.clock import system_clock
from chassis.revocations import KEPT_SECONDS, revoke
from chassis.runtime import Runtime, ensure_stream
from contracts.catalog import AccessRevoked


async def spread_revocations(runtime: Runtime) -> None:
    """Reads the last hour again at every start: an entry may be written twice, but none is lost.

    A durable consumer would wait for a killed worker's acknowledgement before it tells the next
    one, which is longer than a revoked member may stay.
    """
    subscription = await events(runtime)
    while True:
        try:
            [message] = await subscription.fetch(1, timeout=2)
        except (TimeoutError, nats.errors.TimeoutError):
            # Fails where NATS has forgotten us meanwhile, and then this loop is started again.
            await subscription.consumer_info()
            continue
        event = AccessRevoked.model_validate_json(message.data)
        await revoke(runtime, event.sign_in_id or event.member_id, event.issued_before)


async def events(runtime: Runtime) -> JetStreamContext.PullSubscription:
    await ensure_stream(runtime, runtime.settings.service)
    # The stream keeps the time of the servers, whatever our own clock is told.
    since = system_clock() - timedelta(seconds=KEPT_SECONDS)
    return await runtime.jetstream.pull_subscribe(
        f"{AccessRevoked.subject}.*",
        stream=runtime.settings.service,
        config=ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_TIME,
            opt_start_time=since,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=30,
        ),
    )
