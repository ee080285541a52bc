"""One service as the gateway sees it: a bulkhead, a breaker and pooled connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from chassis.problems import TryAgain
from chassis.server import KEEP_ALIVE_SECONDS
from gateway.breaker import Breaker, Unreachable
from gateway.bulkhead import Bulkhead
from gateway.settings import GatewaySettings
from gateway.wire import Answer, Connection, Data, Fields

KEPT_ALIVE_SECONDS = KEEP_ALIVE_SECONDS - 15
"""Shorter than the services' own, so that we never ask on a connection that one is closing."""
IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))


class Fetched(NamedTuple):
    status: int
    body: bytes
    headers: Fields


class Upstream:
    def __init__(self, name: str, origin: str, settings: GatewaySettings) -> None:
        self.name = name
        self.bulkhead = Bulkhead(
            in_flight=settings.in_flight,
            waiting=settings.waiting,
            patience_seconds=settings.patience_seconds,
        )
        self._breaker = Breaker()
        url = urlsplit(origin)
        self._is_secure = url.scheme == "https"
        self._host = url.hostname or ""
        self._port = url.port or (443 if self._is_secure else 80)
        self._path = url.path.rstrip("/")
        self._authority = url.netloc.rpartition("@")[2].encode()
        self._connect_seconds = settings.connect_seconds
        self._answer_seconds = settings.answer_seconds
        self._kept: list[Connection] = []

    async def send(
        self, method: str, path_and_query: str, headers: Fields, data: Data = None
    ) -> Answer:
        """The answer's head; the caller streams the rest and closes it.

        A request that found its pooled connection dead is sent once more if its method is
        idempotent. Others are not: it is unknown whether they arrived.
        """
        head = self._head(method, path_and_query, headers, data)
        may_repeat = method in IDEMPOTENT and (data is None or isinstance(data, bytes))
        with self._breaker.attempt():
            while True:
                kept = self._take_kept()
                connection = kept or await self._connect()
                answer = connection.ask(method, head, data, self._answer_seconds)
                try:
                    await answer.head()
                except ConnectionError:
                    answer.close()
                    if not (kept and may_repeat and not answer.has_begun):
                        raise
                except BaseException:
                    answer.close()
                    raise
                else:
                    return answer

    @asynccontextmanager
    async def asking(
        self, method: str, path_and_query: str, headers: Fields, data: Data = None
    ) -> AsyncIterator[Answer]:
        async with self.bulkhead:
            try:
                answer = await self.send(method, path_and_query, headers, data)
            except Unreachable as error:
                raise TryAgain("This part is not reachable right now. Nothing was done.") from error
            except (TimeoutError, OSError) as error:
                raise TryAgain(
                    "No answer came, so it is not known whether it was done. "
                    "Try again with the same Idempotency-Key."
                ) from error
            try:
                yield answer
            finally:
                answer.close()

    async def fetch(
        self, path_and_query: str, headers: Fields, *, within_seconds: float
    ) -> Fetched | None:
        """The answer to a GET, or None if there is none in time."""
        try:
            async with (
                asyncio.timeout(within_seconds),
                self.asking("GET", path_and_query, headers) as answer,
            ):
                return Fetched(answer.status, await answer.read(), answer.headers)
        except (TryAgain, TimeoutError, OSError):
            return None

    def close(self) -> None:
        for connection in list(self._kept):
            connection.abort()

    def _head(self, method: str, path_and_query: str, headers: Fields, data: Data) -> bytes:
        lines = [b"%s: %s" % field for field in headers]
        if isinstance(data, bytes):
            lines.append(b"content-length: %d" % len(data))
        elif data is None:
            if method not in ("GET", "HEAD", "OPTIONS", "DELETE"):
                lines.append(b"content-length: 0")
        elif not any(name == b"content-length" for name, _ in headers):
            lines.append(b"transfer-encoding: chunked")
        target = f"{method} {self._path}{path_and_query} HTTP/1.1\r\nhost: ".encode("ascii")
        return target + self._authority + b"\r\n" + b"\r\n".join(lines) + b"\r\n\r\n"

    def _take_kept(self) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - KEPT_ALIVE_SECONDS
        while self._kept:
            connection = self._kept.pop()
            if connection.is_open and connection.used_at >= oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection, self._host, self._port, ssl=self._is_secure or None
                )
        except OSError as error:
            raise Unreachable from error
        connection.kept = self._kept
        return connection
