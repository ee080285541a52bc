"""One service as the gateway sees it: a bulkhead, a breaker and pooled connections."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from chassis.problems import TryAgain
from gateway.breaker import Breaker, Unreachable
from gateway.bulkhead import Bulkhead
from gateway.settings import GatewaySettings

KEPT_ALIVE_SECONDS = 4
"""Shorter than uvicorn's 5, so that we never send on a connection it is just closing."""
MADE_UP_BY_AIOHTTP = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")

Data = bytes | AsyncIterator[bytes] | None


class Upstream:
    def __init__(
        self, name: str, origin: str, session: ClientSession, settings: GatewaySettings
    ) -> None:
        self.name = name
        self.bulkhead = Bulkhead(
            in_flight=settings.in_flight,
            waiting=settings.waiting,
            patience_seconds=settings.patience_seconds,
        )
        self._breaker = Breaker()
        self._origin = origin
        self._session = session

    async def send(
        self, method: str, path_and_query: str, headers: Mapping[str, str], data: Data = None
    ) -> ClientResponse:
        """The answer's head; the caller streams the rest and closes it.

        A request that found its pooled connection dead is sent once more by aiohttp if its method
        is idempotent. Others are not: it is unknown whether they arrived.
        """
        with self._breaker.attempt():
            try:
                return await self._session.request(
                    method,
                    URL(self._origin + path_and_query, encoded=True),
                    headers=headers,
                    data=data,
                    allow_redirects=False,
                )
            except (ClientConnectorError, ConnectionTimeoutError) as error:
                raise Unreachable from error

    @asynccontextmanager
    async def asking(
        self,
        method: str,
        path_and_query: str,
        headers: Mapping[str, str],
        data: Data = None,
    ) -> AsyncIterator[ClientResponse]:
        async with self.bulkhead:
            try:
                response = await self.send(method, path_and_query, headers, data)
            except Unreachable as error:
                raise TryAgain("This part is not reachable right now. Nothing was done.") from error
            except (ClientError, TimeoutError, OSError) as error:
                raise TryAgain(
                    "No answer came, so it is not known whether it was done. "
                    "Try again with the same Idempotency-Key."
                ) from error
            try:
                yield response
            finally:
                # What was read to its end is back in the pool; the rest is of no use to anyone.
                response.close()

    async def fetch(
        self, path_and_query: str, headers: Mapping[str, str], *, within_seconds: float
    ) -> tuple[int, bytes] | None:
        """Status and body of a GET, or None if there is no answer in time."""
        try:
            async with (
                asyncio.timeout(within_seconds),
                self.asking("GET", path_and_query, headers) as response,
            ):
                return response.status, await response.read()
        except (TryAgain, ClientError, TimeoutError, OSError):
            return None


def open_session(settings: GatewaySettings) -> ClientSession:
    return ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=KEPT_ALIVE_SECONDS),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=MADE_UP_BY_AIOHTTP,
        timeout=ClientTimeout(
            total=None, sock_connect=settings.connect_seconds, sock_read=settings.answer_seconds
        ),
    )
