"""HTTP/1.1 to a service (RFC 9112), no more of it than a gateway needs.

A general client costs more than all else that the gateway does for a request.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

READ_AHEAD_BYTES = 256 * 1024
"""More than this is left to the service's end until the client has taken some."""

Data = bytes | AsyncIterator[bytes] | None
Fields = list[tuple[bytes, bytes]]


class BrokenOff(ConnectionError):
    """The connection ended before the answer did."""


class _ReadsNoMore(Exception):
    """The other end takes nothing of the question, as opposed to one whose sender is slow."""


class Answer:
    """To one question, as it comes. Its methods without a docstring are the parser's."""

    def __init__(self, connection: "Connection", method: str, silence_seconds: float) -> None:
        self.status = 0
        self.headers: Fields = []
        self.has_begun = False
        """A byte of it has come, so somebody has read the question."""
        self._connection = connection
        self._is_head = method == "HEAD"
        self._silence_seconds = silence_seconds
        self._parser = HttpResponseParser(self)
        self._chunks: list[bytes] = []
        self._size = 0
        self._has_head = self._is_complete = self._may_be_kept = False
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._has_head:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self.headers = []
            return
        self._has_head = True
        if self._is_head:
            self._complete()

    def on_body(self, body: bytes) -> None:
        if self._is_complete:
            return
        self._chunks.append(body)
        self._size += len(body)
        if self._size > READ_AHEAD_BYTES:
            self._connection.pause_reading()

    def on_message_complete(self) -> None:
        if self._has_head:
            self._complete()

    def feed(self, data: bytes) -> None:
        self.has_begun = True
        if self._is_complete:
            self._may_be_kept = False
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.fail(BrokenOff(str(error)))
        self._wake()

    def fail(self, failure: Exception) -> None:
        if not (self._is_complete or self._failure):
            self._failure = failure
            self._may_be_kept = False
            self._wake()

    def end(self) -> None:
        """The connection was closed. That is the end of a body which nothing else delimits."""
        names = {name.lower() for name, _ in self.headers}
        if self._has_head and not names & {b"content-length", b"transfer-encoding"}:
            self._complete()
            self._may_be_kept = False
            self._wake()
        else:
            self.fail(BrokenOff("The connection ended."))

    async def head(self) -> None:
        """Returns when status and headers are known."""
        while not self._has_head:
            await self._more()

    async def chunk(self) -> bytes:
        """What has come since the last one; empty at the end."""
        while not (self._chunks or self._is_complete):
            await self._more()
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        self._connection.resume_reading()
        return body

    @property
    def is_over(self) -> bool:
        return self._is_complete and not self._chunks

    async def read(self) -> bytes:
        whole = b""
        while not self.is_over:
            whole += await self.chunk()
        return whole

    def close(self) -> None:
        """What was read to its end leaves a connection to use again; the rest is of no use.

        Doing it again does nothing, whoever uses the connection by then.
        """
        self.fail(BrokenOff("It was closed."))
        self._connection.close_answer(self, may_be_kept=self._may_be_kept and self.is_over)

    def _complete(self) -> None:
        # What comes after the end is nobody's answer, and makes the connection one to mistrust.
        self._may_be_kept = not self._is_complete and bool(self._parser.should_keep_alive())
        self._is_complete = True

    async def _more(self) -> None:
        if self._failure:
            raise self._failure
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        self._patience = loop.call_later(self._silence_seconds, self._give_up)
        try:
            await self._waiter
        finally:
            self._patience.cancel()
            self._waiter = None

    def _give_up(self) -> None:
        if self._connection.is_asking:
            # The question is still being sent, so its sender is whom to wait for.
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(self._silence_seconds, self._give_up)
        else:
            self.fail(TimeoutError("No byte for too long."))

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            if self._failure:
                self._waiter.set_exception(self._failure)
            else:
                self._waiter.set_result(None)


class Connection(asyncio.Protocol):
    """One question at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._asking: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_paused = False
        self.kept: list[Connection] | None = None
        """Where it lies while nobody uses it."""
        self.used_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_asking(self) -> bool:
        return self._asking is not None and not self._asking.done()

    def ask(self, method: str, head: bytes, data: Data, silence_seconds: float) -> Answer:
        """`head` ends with its empty line; a body that flows is sent in chunks if it says so."""
        assert self._transport
        answer = self._answer = Answer(self, method, silence_seconds)
        if data is None or isinstance(data, bytes):
            self._transport.write(head + data if data else head)
        else:
            self._transport.write(head)
            chunked = b"\r\ntransfer-encoding: chunked\r\n" in head
            sending = self._send(data, answer, silence_seconds, chunked=chunked)
            self._asking = asyncio.create_task(sending)
        return answer

    async def _send(
        self, data: AsyncIterator[bytes], answer: Answer, silence_seconds: float, *, chunked: bool
    ) -> None:
        try:
            async for part in data:
                if part and self._transport:
                    await self._be_writable(silence_seconds)
                    self._transport.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
            if chunked and self._transport:
                self._transport.write(b"0\r\n\r\n")
        except _ReadsNoMore:
            answer.fail(TimeoutError("The service took no byte for too long."))
            self.abort()
        except Exception as error:  # noqa: BLE001  Whoever waits for the answer hears of it.
            answer.fail(BrokenOff(f"The question broke off: {type(error).__name__}"))
            self.abort()

    async def _be_writable(self, silence_seconds: float) -> None:
        if self._writable.is_set():
            return
        try:
            async with asyncio.timeout(silence_seconds):
                await self._writable.wait()
        except TimeoutError as error:
            raise _ReadsNoMore from error

    def close_answer(self, answer: Answer, *, may_be_kept: bool) -> None:
        if self._answer is not answer:
            return
        self._answer = None
        if may_be_kept and not self.is_asking and self.is_open and self.kept is not None:
            self.used_at = asyncio.get_running_loop().time()
            self.kept.append(self)
        else:
            self.abort()

    def abort(self) -> None:
        if self._asking:
            self._asking.cancel()
        if self._transport:
            self._transport.abort()

    def pause_reading(self) -> None:
        if not self._is_paused and self._transport:
            self._is_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._is_paused and self._transport:
            self._is_paused = False
            self._transport.resume_reading()

    # What follows is called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._answer:
            self._answer.feed(data)
        else:
            # Nobody has asked; whatever it is, it must not be taken for the next answer.
            self.abort()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Any) -> None:
        self._transport = None
        self._writable.set()
        if self._answer:
            if exc is None:
                self._answer.end()
            else:
                self._answer.fail(BrokenOff("The connection was reset."))
        if self._asking:
            self._asking.cancel()
        if self.kept is not None and self in self.kept:
            self.kept.remove(self)
