"""What a running process holds: its settings, clock, database and line to NATS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import failpoints
from chassis.clock import Clock, clock_from
from chassis.database import Sessions, create_engine, sessions_of
from chassis.settings import ProcessSettings, ServiceSettings

log = structlog.get_logger()

DAY_SECONDS = 24 * 3600


@dataclass
class Connected:
    """What every process holds; one without a database, such as the gateway, holds no more."""

    settings: ProcessSettings
    clock: Clock
    nats: Client = field(default_factory=Client, kw_only=True)

    @property
    def jetstream(self) -> JetStreamContext:
        return self.nats.jetstream()


@dataclass
class Runtime(Connected):
    settings: ServiceSettings
    engine: AsyncEngine
    sessions: Sessions


Held = TypeVar("Held", bound=Connected)
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
    """Keep the line to NATS and the loops that need it."""
    failpoints.arm(runtime.settings)
    connecting = asyncio.create_task(connect(runtime.nats, runtime.settings))
    tasks = [asyncio.create_task(keep_going(loop, runtime, connecting)) for loop in loops]
    try:
        yield runtime
    finally:
        for task in (*tasks, connecting):
            task.cancel()
        await asyncio.gather(*tasks, connecting, return_exceptions=True)
        if runtime.nats.is_connected:
            await runtime.nats.close()


async def connect(client: Client, settings: ProcessSettings) -> None:
    """Connect in the background and for ever: what needs no other service goes on without NATS."""
    while not client.is_connected:
        try:
            await client.connect(
                settings.nats_url,
                name=settings.service,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,  # type: ignore[arg-type]  # Seconds, fractions too.,
                ping_interval=5,
                max_outstanding_pings=2,
                error_cb=note,
            )
        except (TimeoutError, OSError, nats.errors.Error):
            await asyncio.sleep(0.2)


async def note(error: Exception) -> None:
    log.warning("NATS connection", error=type(error).__name__)


async def keep_going(
    loop: Callable[[Held], Awaitable[None]], runtime: Held, connecting: asyncio.Task[None]
) -> None:
    await asyncio.shield(connecting)
    pause = 0.1
    while True:
        try:
            await loop(runtime)
            pause = 0.1
        except Exception as error:
            log.warning("Loop failed, starting it again", loop=name_of(loop), exc_info=error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5)


def name_of(loop: Callable[..., object]) -> str:
    return getattr(loop, "__name__", type(loop).__name__)


async def ensure_stream(runtime: Runtime, service: str) -> None:
    """The stream of one publishing service; any process may be the first to need it."""
    wanted = StreamConfig(
        name=service,
        subjects=[f"{service}.>"],
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=14 * DAY_SECONDS,
        duplicate_window=300,
        num_replicas=runtime.settings.nats_replicas,
    )
    try:
        await runtime.jetstream.stream_info(service)
    except NotFoundError:
        await runtime.jetstream.add_stream(wanted)
