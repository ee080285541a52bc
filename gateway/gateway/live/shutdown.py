"""Streams have no end of their own, and a server waits for the end of every answer."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def when_told_to_stop(end: Callable[[], None]) -> Iterator[None]:
    """Does it as soon as the signal comes, before what the server does about it.

    The server ends the lifespan only after the last answer, which would be too late.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in SIGNALS}

    def hear(number: int, where: FrameType | None) -> None:
        loop.call_soon_threadsafe(end)
        server = servers[signal.Signals(number)]
        if callable(server):
            server(number, where)

    for number, server in servers.items():
        if callable(server):
            signal.signal(number, hear)
    try:
        yield
    finally:
        for number, server in servers.items():
            if signal.getsignal(number) is hear:
                signal.signal(number, server)
