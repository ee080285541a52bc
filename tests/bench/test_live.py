"""From a booking to the frame in other clients, with one and with two hundred who look on."""

import asyncio
import json
import re
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, cast

import uvloop

from tests.bench.callers import written
from tests.bench.report import Report, at_most
from tests.bench.whole_stack import WholeStack, wishes
from tests.studio import Studio, open_studio

PATIENCE_SECONDS = 10
PEOPLE = 5
WARM_UP = 10
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Audience:
    """Waits, without looking again and again, until everybody has seen an entry."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        """Set when the last of them has been told that the stream begins."""
        self._seen: list[tuple[float, bytes]] = []
        self._all = asyncio.Event()
        self._expected = 0

    def hear(self, now: float, frame: bytes) -> None:
        if b"event: entry" in frame:
            self._seen.append((now, frame))
            if len(self._seen) >= self._expected:
                self._all.set()
        elif b"event: snapshot" in frame:
            self.ready.set()

    def expect(self, onlookers: int) -> None:
        self._seen, self._expected = [], onlookers
        self._all.clear()

    async def seen(self, id_: bytes) -> list[float]:
        """When each saw this entry; those who have not in good time are missing."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all.wait(), PATIENCE_SECONDS)
        return [at for at, frame in self._seen if id_ in frame]


class Onlooker(asyncio.Protocol):
    """An open stream."""

    def __init__(self, request: bytes, audience: Audience) -> None:
        self._request = request
        self._audience = audience
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        *whole, self._received = (self._received + data).split(b"\n\n")
        for frame in whole:
            self._audience.hear(now, frame)


@dataclass
class Delays:
    """Seconds since each booking was sent."""

    answered: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    """By each onlooker."""
    lost: int = 0


class Writer:
    """A guest with one kept connection."""

    def __init__(self, port: int, slug: str) -> None:
        self._port = port
        self._path = f"/api/public/booking/{slug}/appointments"

    async def __aenter__(self) -> "Writer":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def book(self, wish: dict[str, Any]) -> bytes:
        """The appointment's id."""
        self._writer.write(written("POST", self._path, told=wish))
        head = await self._reader.readuntil(b"\r\n\r\n")
        found = LENGTH.search(head)
        assert found, head
        body = await self._reader.readexactly(int(found[1]))
        assert b" 201 " in head[:20], body
        return str(json.loads(body)["id"]).encode()


async def watch(whole: WholeStack, studio: Studio, streams: int, bookings: int) -> Delays:
    loop, port = asyncio.get_running_loop(), whole.port("gateway")
    audience, delays = Audience(), Delays()
    async with AsyncExitStack() as open_:
        for _ in range(streams):
            audience.ready.clear()
            request = written("GET", "/api/calendar/live", whole.bearer(studio.business_id))
            transport, _ = await loop.create_connection(
                lambda request=request: Onlooker(request, audience), "127.0.0.1", port
            )
            open_.callback(transport.close)
            await asyncio.wait_for(audience.ready.wait(), PATIENCE_SECONDS)
        writer = await open_.enter_async_context(Writer(port, studio.slug))
        for number, wish in enumerate(wishes(studio, WARM_UP + bookings)):
            audience.expect(streams)
            begun = time.perf_counter()
            id_ = await writer.book(wish)
            answered = time.perf_counter()
            seen = await audience.seen(id_)
            if number >= WARM_UP:
                delays.answered.append(answered - begun)
                delays.seen += [at - begun for at in seen]
                delays.lost += streams - len(seen)
    return delays


def watched(whole: WholeStack, streams: int, bookings: int) -> Delays:
    studio = whole.with_gateway(lambda gateway: open_studio(gateway, people=PEOPLE))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(watch(whole, studio, streams, bookings))


def test_one_stream(whole: WholeStack, report: Report) -> None:
    delays = watched(whole, streams=1, bookings=200)
    p50, own = median(delays.seen), median(delays.answered)
    p99 = quantiles(delays.seen, n=100)[98]
    ours = f"{p50 * 1000:.1f} ms, {(p50 - own) * 1000:.1f} ms after the answer"
    report.keep(
        "booking to frame, one stream: p50 against the booking's own",
        p50 / own,
        at_most(4),
        ours=ours,
        other=f"the booking {own * 1000:.1f} ms",
    )
    report.keep("booking to frame, one stream: p99", p99 * 1000, at_most(50, "ms"))
    report.keep("booking to frame, one stream: lost", delays.lost, at_most(0, ""))


def test_two_hundred_streams(whole: WholeStack, report: Report) -> None:
    delays = watched(whole, streams=200, bookings=50)
    p50 = median(delays.seen)
    own = median(delays.answered)
    ours = f"the booking {own * 1000:.1f} ms of it"
    report.keep("booking to frame, 200 streams: p50", p50 * 1000, at_most(25, "ms"), ours=ours)
    report.keep("booking to frame, 200 streams: lost", delays.lost, at_most(0, ""))
