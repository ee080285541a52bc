"""All streams that this process holds open."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from prometheus_client import Gauge

from chassis.auth import Principal
from chassis.problems import TryAgain, Unauthenticated
from chassis.revocations import Revocations
from chassis.runtime import Connected
from gateway.live.fan_out import FanOut
from gateway.live.leases import Leases
from gateway.live.opening import open_with
from gateway.live.stream import Stream, StreamResponse
from gateway.live.tickets import Tickets

HEARTBEAT_SECONDS = 15
LASTS_SECONDS = 3600
"""Then a client comes back, with the rights it has by then."""
LOOKED_AFTER_SECONDS = 0.5

OPEN = Gauge("gateway_live_streams", "Live calendars that are open")


class OpenStreams:
    def __init__(self, runtime: Connected, revocations: Revocations) -> None:
        self.fan_out = FanOut()
        self.tickets = Tickets(runtime)
        self.heartbeat_seconds: float = HEARTBEAT_SECONDS
        self.lasts_seconds: float = LASTS_SECONDS
        self._leases = Leases(runtime)
        self._runtime = runtime
        self._revocations = revocations
        self._streams: set[Stream] = set()
        self._is_closing = False
        self.loops = (self.fan_out.follow, self._leases.renew, self.look_after)

    async def open(self, principal: Principal, last_event_id: str | None) -> StreamResponse:
        if self._is_closing:
            raise TryAgain("This gateway is about to stop; the next one answers.")
        if self._is_revoked(principal):
            raise Unauthenticated("This access was revoked.")
        await self.fan_out.be_ready()
        async with AsyncExitStack() as held:
            lease = await held.enter_async_context(self._leases.held(principal.account_id))
            stream = Stream(principal, self.fan_out, lease)
            held.enter_context(self._counting(stream))
            held.enter_context(self.fan_out.listening(stream))
            await open_with(self._runtime, self.fan_out, stream, last_event_id)
            return StreamResponse(stream, held.pop_all())

    async def look_after(self, _runtime: Connected) -> None:
        """A loop: ends what may not go on, and shows the others that we are there."""
        while True:
            now = time.monotonic()
            for stream in list(self._streams):
                is_over = now - stream.opened_at >= self.lasts_seconds or stream.lease.is_lost
                # Closing ends what is open; a stream that was just being opened comes after it.
                if self._is_closing or is_over or self._is_revoked(stream.principal):
                    stream.end()
                else:
                    stream.beat(now, self.heartbeat_seconds)
            await asyncio.sleep(LOOKED_AFTER_SECONDS)

    def close(self) -> None:
        self._is_closing = True
        for stream in self._streams:
            stream.end()

    def _is_revoked(self, principal: Principal) -> bool:
        return self._revocations.cover(
            principal.member_id, principal.sign_in_id, principal.issued_at
        )

    @contextmanager
    def _counting(self, stream: Stream) -> Iterator[None]:
        self._streams.add(stream)
        OPEN.inc()
        try:
            yield
        finally:
            self._streams.discard(stream)
            OPEN.dec()
