"""A request's body: small ones are read before a service is bothered, large ones flow through."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from starlette.types import Message, Receive

from gateway.problems import BodyTooLarge, BodyTooSlow, MalformedRequest

MAX_BYTES = 5 * 1024 * 1024
READ_AHEAD_BYTES = 64 * 1024


class ClientGone(Exception):
    """Nobody is left to answer."""


class Body:
    """Reads ahead, so that a slow sender of a small body occupies no place at a service."""

    def __init__(
        self, receive: Receive, headers: Mapping[bytes, bytes], silence_seconds: float
    ) -> None:
        self.length = declared_length(headers)
        self._receive = receive
        self._silence_seconds = silence_seconds
        self._ahead = b""
        self._complete = asyncio.Event()
        if self.length == 0:
            self._complete.set()
        self._size = 0
        self._is_replayed = False
        self.failure: Exception | None = None
        """Why the body broke off while it flowed through."""

    async def read_ahead(self) -> None:
        while not self._complete.is_set() and len(self._ahead) < READ_AHEAD_BYTES:
            self._ahead += await self._next()

    def data(self) -> bytes | AsyncIterator[bytes] | None:
        if self._complete.is_set():
            return self._ahead or None
        return self._flow()

    async def read_whole(self) -> None:
        """For a route of our own, none of which needs a larger one than is read ahead."""
        await self.read_ahead()
        if not self._complete.is_set():
            raise BodyTooLarge("This one may have 64 kB at most.")

    async def replay(self) -> Message:
        """After reading it whole; a second call waits for the client to leave."""
        if self.length == 0 or self._is_replayed:
            return await self._receive()
        self._is_replayed = True
        return {"type": "http.request", "body": self._ahead, "more_body": False}

    async def gone(self) -> None:
        """Returns when the client has left; while the body still flows, its reader notices."""
        await self._complete.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _flow(self) -> AsyncIterator[bytes]:
        try:
            yield self._ahead
            while not self._complete.is_set():
                yield await self._next()
        except Exception as error:
            self.failure = error
            raise

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(self._silence_seconds):
                message: Message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        self._size += len(chunk)
        if not message.get("more_body", False):
            self._complete.set()
        if self._size > MAX_BYTES:
            raise BodyTooLarge
        return chunk


def declared_length(headers: Mapping[bytes, bytes]) -> int | None:
    """Bytes, or None for a chunked body; refuses what smuggles a second request (RFC 9112 6.3)."""
    length, encoding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if encoding is not None:
        if length is not None or encoding.lower() != b"chunked":
            raise MalformedRequest("The length of the body is ambiguous.")
        return None
    if length is None:
        return 0
    if not (length.isdigit() and len(length) < 16):
        raise MalformedRequest("The length of the body is not a number.")
    if int(length) > MAX_BYTES:
        raise BodyTooLarge
    return int(length)
