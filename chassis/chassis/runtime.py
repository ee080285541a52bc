"""What a running process holds: its settings, clock, database and line to NATS."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType
from nats.js.errors import BadRequestError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import failpoints
from chassis.clock import Clock, clock_from
from chassis.database import Sessions, create_engine, sessions_of
from chassis.settings import ProcessSettings, ServiceSettings

log = structlog.get_logger()

DAY_SECONDS = 24 * 3600
STEADY_SECONDS = 10
"""A loop that went on for so long starts again at once; one that fails again and again waits."""


@dataclass
class Connected:
    """What every process holds; one without a database, such as the gateway, holds no more."""

    settings: ProcessSettings
    clock: Clock
    nats: Client = field(default_factory=Client, kw_only=True)
    has_met_nats: asyncio.Event = field(default_factory=asyncio.Event, kw_only=True)
    """Set at the first connection, which may be long after the process began to work."""

    @property
    def jetstream(self) -> JetStreamContext:
        return self.nats.jetstream(timeout=2)


@dataclass
class Runtime(Connected):
    settings: ServiceSettings
    engine: AsyncEngine
    sessions: Sessions


Held = TypeVar("Held", bound=Connected)
Result = TypeVar("Result")
Loop = Callable[[Runtime], Awaitable[None]]
"""Work that goes on as long as the process does."""


@asynccontextmanager
async def running(settings: ServiceSettings, loops: Sequence[Loop]) -> AsyncIterator[Runtime]:
    """Open everything, keep the loops going, and close in reverse order."""
    engine = create_engine(settings.database_url, settings.service, settings.pool_size)
    runtime = Runtime(settings, clock_from(settings.clock), engine, sessions_of(engine))
    try:
        async with connected(runtime, loops):
            yield runtime
    finally:
        await engine.dispose()


@asynccontextmanager
async def connected(
    runtime: Held, loops: Sequence[Callable[[Held], Awaitable[None]]]
) -> AsyncIterator[Held]:
    """Keep the line to NATS and the loops, of which those that need NATS wait for it."""
    failpoints.arm(runtime.settings)
    tasks = [asyncio.create_task(keep_going(loop, runtime)) for loop in (connect, *loops)]
    try:
        yield runtime
    finally:
        await stop(set(tasks))
        if runtime.has_met_nats.is_set():
            # The line may be down at this moment, which uvloop calls a RuntimeError.
            with suppress(OSError, RuntimeError):
                await runtime.nats.close()


async def stop(tasks: set[asyncio.Task[None]]) -> None:
    """Python 3.11's `wait_for`, deep in the NATS client, can swallow a cancellation: insist."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=2)


async def connect(runtime: Connected) -> None:
    """In the background and for ever: what needs no other service goes on without NATS."""
    await runtime.nats.connect(
        runtime.settings.nats_url,
        name=runtime.settings.service,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,  # type: ignore[arg-type]  # Seconds, fractions too.
        ping_interval=5,
        max_outstanding_pings=2,
        error_cb=note,
    )
    runtime.has_met_nats.set()
    await asyncio.Event().wait()


async def note(error: Exception) -> None:
    log.warning("NATS connection", error=type(error).__name__)


async def keep_going(loop: Callable[[Held], Awaitable[None]], runtime: Held) -> None:
    pause_seconds = 0.1
    while True:
        started = time.monotonic()
        try:
            await loop(runtime)
        except Exception as error:
            name = getattr(loop, "__name__", type(loop).__name__)
            log.warning("Loop failed, starting it again", loop=name, exc_info=error)
        ran_well = time.monotonic() - started > STEADY_SECONDS
        pause_seconds = 0.1 if ran_well else min(pause_seconds * 2, 2)
        await asyncio.sleep(pause_seconds)


async def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Told to stop meanwhile, it stops after this piece of work and not in its middle."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def ensure_stream(runtime: Connected, service: str) -> None:
    """The stream of one publishing service; any process may be the first to need it."""
    await runtime.has_met_nats.wait()
    # Making it again as it is changes nothing; one that an operator made otherwise stays.
    with suppress(BadRequestError):
        await runtime.jetstream.add_stream(
            name=service,
            subjects=[f"{service}.>"],
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_age=14 * DAY_SECONDS,
            duplicate_window=300,
            num_replicas=runtime.settings.nats_replicas,
        )
