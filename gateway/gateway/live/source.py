"""The stream `live`: what changes in any calendar, out of the streams of those who own time."""

from uuid import uuid4

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    StorageType,
    StreamConfig,
    StreamSource,
    StreamState,
    SubjectTransform,
)
from nats.js.errors import BadRequestError, NotFoundError

from chassis.runtime import DAY_SECONDS, Connected, ensure_stream

STREAM = "live"
OWNERS_OF_TIME = ("scheduling", "pilates")
NOUNS = ("calendar-entry", "calendar-range")
MADE = "made"
NAME_IN_USE = 10058
"""Said by NATS where a stream of the name has another configuration."""
HEARTBEAT_SECONDS = 1
KEPT_SECONDS = DAY_SECONDS
"""Who was away for longer reads the calendar again."""


async def ensure_live_stream(runtime: Connected) -> None:
    for service in OWNERS_OF_TIME:
        await ensure_stream(runtime, service)
    wanted = StreamConfig(
        name=STREAM,
        sources=[source(service) for service in OWNERS_OF_TIME],
        storage=StorageType.FILE,
        max_age=KEPT_SECONDS,
        allow_direct=True,
        num_replicas=runtime.settings.nats_replicas,
        metadata={MADE: uuid4().hex},
    )
    try:
        await runtime.jetstream.add_stream(wanted)
    except BadRequestError as error:
        if error.err_code != NAME_IN_USE:
            raise
        await keep_sources(runtime, wanted.sources or [])


async def keep_sources(runtime: Connected, wanted: list[StreamSource]) -> None:
    """A newer version may read other subjects; all else is as it is, or as an operator made it."""
    there = (await runtime.jetstream.stream_info(STREAM)).config
    if filters_of(there.sources or []) != filters_of(wanted):
        await runtime.jetstream.update_stream(there.evolve(sources=wanted))


def filters_of(sources: list[StreamSource]) -> set[tuple[str, frozenset[str]]]:
    return {
        (one.name, frozenset(transform.src for transform in one.subject_transforms or ()))
        for one in sources
    }


def source(service: str) -> StreamSource:
    """Transforms into themselves: the way to filter one source by several subjects."""
    subjects = [f"{service}.{noun}.changed.v1.>" for noun in NOUNS]
    return StreamSource(service, subject_transforms=[SubjectTransform(s, s) for s in subjects])


def of_business(business_id: str) -> str:
    """All subjects of `live` that concern one business."""
    return f"*.*.changed.v1.{business_id}"


async def newest_of(runtime: Connected, business_id: str) -> int:
    """The leader's word; 0 where there is nothing."""
    try:
        newest = await runtime.jetstream.get_last_msg(STREAM, of_business(business_id))
    except NotFoundError:
        return 0
    return newest.seq or 0


async def state_of(runtime: Connected) -> StreamState:
    return (await runtime.jetstream.stream_info(STREAM)).state


async def made_and_state(runtime: Connected) -> tuple[str, StreamState]:
    """Another mark means that it was made anew, and that its sequences mean other things."""
    info = await runtime.jetstream.stream_info(STREAM)
    return (info.config.metadata or {}).get(MADE, ""), info.state


async def deliver(runtime: Connected, inbox: str, *, after: int) -> None:
    """Push what follows, with heartbeats; NATS forgets us soon after we have stopped listening."""
    await runtime.jetstream.add_consumer(
        STREAM,
        ConsumerConfig(
            deliver_subject=inbox,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            ack_policy=AckPolicy.NONE,
            idle_heartbeat=HEARTBEAT_SECONDS,
            inactive_threshold=10 * HEARTBEAT_SECONDS,
            mem_storage=True,
            num_replicas=1,
        ),
    )
