"""The mail broker is taken away for a while, although whoever watches over it starts it again."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from stack.testing import RunningStack

NAME = "rabbitmq"
END_LINES = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = 'mailqueue' AND pid <> pg_backend_pid()
"""


@asynccontextmanager
async def broker_held(stack: RunningStack) -> AsyncIterator[None]:
    """Nobody answers where the broker was, until the end of the block."""
    of_its_own = stack.facts["broker_url"].startswith("amqp")
    if of_its_own:
        held = await kill_and_hold(stack)
        try:
            await see_it_away(stack)
            yield
        finally:
            os.kill(held, signal.SIGCONT)
    else:
        with database_closed(stack):
            await see_it_away(stack)
            yield


async def kill_and_hold(stack: RunningStack) -> int:
    """Its successor is stopped before it listens: the supervisor sees a process that lives."""
    killed = stack.pid(NAME)
    os.kill(killed, signal.SIGKILL)
    while (successor := stack.pid(NAME)) == killed:
        await asyncio.sleep(0.002)
    os.kill(successor, signal.SIGSTOP)
    return successor


@contextmanager
def database_closed(stack: RunningStack) -> Iterator[None]:
    """PGMQ lives in the server of all databases, of which only its own is closed."""
    urls = stack.facts["database_urls"]["notifications"]

    def open_door(is_open: str) -> None:
        with psycopg.connect(urls["owner"], autocommit=True) as owner:
            owner.execute(f"ALTER DATABASE mailqueue ALLOW_CONNECTIONS {is_open}".encode())

    open_door("false")
    with psycopg.connect(urls["app"], autocommit=True) as app:
        app.execute(END_LINES.encode())
    try:
        yield
    finally:
        open_door("true")


async def see_it_away(stack: RunningStack) -> None:
    url = stack.facts["broker_url"]
    if url.startswith("amqp"):
        at = urlsplit(url)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(at.hostname, at.port)
    else:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url.replace("pgmq", "postgresql", 1))
