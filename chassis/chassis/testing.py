"""What tests of every service stand on: an app in this process, tokens, patience."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import httpx2
import nats
from fastapi import FastAPI
from nats.js.errors import NotFoundError

from contracts.event import Event, publisher

Found = TypeVar("Found")


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """The app with its lifespan, database and NATS; only the socket is left out."""
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def eventually(look: Callable[[], Awaitable[Found]], *, within_seconds: float = 10) -> Found:
    """Poll until `look` returns something true; its last answer is in the failure."""
    deadline = asyncio.get_running_loop().time() + within_seconds
    while not (found := await look()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"Not within {within_seconds} s; the last look found {found!r}")
        await asyncio.sleep(0.02)
    return found


async def publish(nats_url: str, *events: Event) -> None:
    """Tell the services what another one would have told them, once somebody listens."""
    connection = await nats.connect(nats_url)
    jetstream = connection.jetstream()

    async def there_is_a_stream() -> bool:
        with suppress(NotFoundError):
            return bool(await jetstream.stream_info(publisher(type(events[0]))))
        return False

    await eventually(there_is_a_stream)
    for event in events:
        headers = {"Nats-Msg-Id": str(event.event_id)}
        await jetstream.publish(event.address, event.model_dump_json().encode(), headers=headers)
    await connection.close()
