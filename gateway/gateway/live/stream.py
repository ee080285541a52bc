"""One open stream: a bounded line of frames between the fan-out and a socket."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.auth import Principal
from gateway.live.changes import HEARTBEAT, Change, View, resync
from gateway.live.fan_out import FanOut
from gateway.live.leases import Lease

MOST_WAITING = 256
"""Frames. Who reads more slowly is told to read the calendar again."""
FAREWELL_SECONDS = 1
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Stream:
    def __init__(self, principal: Principal, fan_out: FanOut, lease: Lease) -> None:
        self.principal = principal
        self.business_id = str(principal.business_id)
        self.lease = lease
        self.opened_at = time.monotonic()
        self.has_ended = asyncio.Event()
        self.begins_after = fan_out.position
        self.view = View.of(principal)
        self._fan_out = fan_out
        self._early: list[Change] | None = []
        self._waiting: list[bytes] = []
        self._has_lost = False
        self._wakes = asyncio.Event()
        self._sent_at = self.opened_at

    def begin_with(self, frames: Iterable[bytes], *, after: int) -> None:
        """Before what came while it was being opened, of which only that `after` is still new."""
        self.begins_after = after
        self._waiting = [b"".join(frames)]
        early, self._early = self._early or [], None
        for change in early:
            self.offer(change)
        self._wakes.set()

    def offer(self, change: Change) -> None:
        if change.sequence <= self.begins_after or self._has_lost:
            return
        if len(self._waiting if self._early is None else self._early) >= MOST_WAITING:
            self.lose()
        elif self._early is not None:
            self._early.append(change)
        else:
            self._waiting.append(change.frame_for(self.view))
            self._wakes.set()

    def lose(self) -> None:
        self._waiting.clear()
        self._has_lost = True
        self._wakes.set()

    def beat(self, now: float, every_seconds: float) -> None:
        if not self._waiting and now - self._sent_at >= every_seconds:
            self._waiting.append(HEARTBEAT)
            self._wakes.set()

    def end(self) -> None:
        self.has_ended.set()
        self._wakes.set()

    async def flow(self, send: Send) -> None:
        while not self.has_ended.is_set():
            await self._wakes.wait()
            self._wakes.clear()
            if self._has_lost:
                self._has_lost = False
                self.begins_after = max(0, self._fan_out.position)
                self._waiting = [resync(self.begins_after)]
            if self._waiting:
                body, self._waiting = b"".join(self._waiting), []
                await send({"type": "http.response.body", "body": body, "more_body": True})
                self._sent_at = time.monotonic()
        await send({"type": "http.response.body", "body": b""})


class StreamResponse(Response):
    """Ends with its stream, with its reader, or when it is told to, whatever the reader does."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream, held: AsyncExitStack) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["Content-Length"]
        self._stream, self._held = stream, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["is_stream"] = True
        async with self._held:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            flowing = asyncio.create_task(self._stream.flow(send))
            leaving = asyncio.create_task(self._end_when_gone(receive))
            ended = asyncio.create_task(self._stream.has_ended.wait())
            try:
                await asyncio.wait({flowing, ended}, return_when=asyncio.FIRST_COMPLETED)
                # A reader who does not read would hold up the farewell for ever.
                await asyncio.wait({flowing}, timeout=FAREWELL_SECONDS)
            finally:
                for task in (flowing, leaving, ended):
                    task.cancel()

    async def _end_when_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stream.end()
