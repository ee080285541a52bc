"""From a booking to the frame in other clients, with one and with two hundred who look on."""

import asyncio
import json
import re
import time
from contextlib import AsyncExitStack
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
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Onlooker(asyncio.Protocol):
    """An open stream, which keeps each frame with the moment of its arrival."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._received = b""
        self.frames: list[tuple[float, bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        *whole, self._received = (self._received + data).split(b"\n\n")
        self.frames += [(now, frame) for frame in whole]

    def seen_at(self, id_: bytes) -> float | None:
        return next((at for at, frame in reversed(self.frames) if id_ in frame), None)


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
    loop, port, delays = asyncio.get_running_loop(), whole.port("gateway"), Delays()
    async with AsyncExitStack() as open_:
        onlookers = []
        for _ in range(streams):
            bearer = whole.bearer(studio.business_id)
            onlooker = Onlooker(written("GET", "/api/calendar/live", bearer))
            transport, _ = await loop.create_connection(lambda o=onlooker: o, "127.0.0.1", port)
            open_.callback(transport.close)
            onlookers.append(onlooker)
            await there(lambda o=onlooker: any(b"snapshot" in frame for _, frame in o.frames))
        writer = await open_.enter_async_context(Writer(port, studio.slug))
        for number, wish in enumerate(wishes(studio, bookings + WARM_UP)):
            begun = time.perf_counter()
            id_ = await writer.book(wish)
            answered = time.perf_counter()
            await there(lambda i=id_: all(o.seen_at(i) for o in onlookers), or_else=False)
            if number < WARM_UP:
                continue
            seen = [at for o in onlookers if (at := o.seen_at(id_))]
            delays.answered.append(answered - begun)
            delays.seen += [at - begun for at in seen]
            delays.lost += streams - len(seen)
    return delays


WARM_UP = 10


async def there(look: Any, *, or_else: bool = True) -> None:
    """Gives the loop up in between: what is waited for arrives in this very loop."""
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while not look():
        if time.perf_counter() > deadline:
            if or_else:
                raise TimeoutError
            return
        await asyncio.sleep(0.001)


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
