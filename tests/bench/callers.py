"""Clients that cost as little as Python can, since they are measured as well."""

import asyncio
import http.client
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat, takewhile
from statistics import median, quantiles
from typing import Any, cast

import uvloop

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
Headers = Mapping[str, str]


class Caller:
    """One kept connection, one request at a time."""

    def __init__(self, port: int, headers: Headers | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = dict(headers or {})

    def ask(self, path: str) -> bytes:
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == http.HTTPStatus.OK, (answer.status, body)
        return body

    def seconds(self, path: str, times: int = 20) -> float:
        """The median of so many."""
        taken = []
        for _ in range(times):
            begun = time.perf_counter()
            self.ask(path)
            taken.append(time.perf_counter() - begun)
        return median(taken)


def written(method: str, path: str, headers: Headers | None = None, told: Any = None) -> bytes:
    """A request as it goes over the wire."""
    body = b"" if told is None else json.dumps(told).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if told is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Answers:
    seconds: float = 0
    """From the first request to the last answer."""
    each_seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.each_seconds) / self.seconds

    def percentile(self, percent: int) -> float:
        return quantiles(self.each_seconds, n=100)[percent - 1]


class Connection(asyncio.Protocol):
    """Asks the next question as soon as the last one is answered, until there is none left."""

    def __init__(self, requests: Iterator[bytes], answers: Answers) -> None:
        self._requests = requests
        self._answers = answers
        self._received = b""
        self._begun = 0.0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, ended, body = self._received.partition(b"\r\n\r\n")
        if not ended:
            return
        if found := LENGTH.search(head):
            is_whole = len(body) >= int(found[1])
        else:
            is_whole = body.endswith(b"0\r\n\r\n")
        if is_whole:
            self._answers.each_seconds.append(time.perf_counter() - self._begun)
            self._answers.statuses[int(head[9:12])] += 1
            self._received = b""
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("The server closed the connection."))

    def ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.ended.set_result(None)
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)


def crowd(port: int, requests: Iterable[bytes], connections: int) -> Answers:
    """So many connections share the requests out among themselves."""

    async def ask_all() -> Answers:
        loop, answers, shared = asyncio.get_running_loop(), Answers(), iter(requests)
        opened = [
            await loop.create_connection(lambda: Connection(shared, answers), "127.0.0.1", port)
            for _ in range(connections)
        ]
        begun = time.perf_counter()
        for _, connection in opened:
            connection.ask()
        await asyncio.gather(*(connection.ended for _, connection in opened))
        answers.seconds = time.perf_counter() - begun
        return answers

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(ask_all())


def requests_per_second(
    port: int, request: bytes, *, connections: int = 16, seconds: float = 2
) -> float:
    until = time.perf_counter() + seconds
    same = takewhile(lambda _: time.perf_counter() < until, repeat(request))
    answers = crowd(port, same, connections)
    assert set(answers.statuses) == {200}, answers.statuses
    return answers.per_second
