"""Passes a request on and its answer back, as they flow."""

import asyncio
import contextlib

from starlette.types import Send

from chassis.problems import TryAgain
from gateway.bodies import Body
from gateway.headers import from_upstream
from gateway.upstream import Upstream
from gateway.wire import Answer, Fields


async def forward(
    upstream: Upstream,
    method: str,
    path_and_query: str,
    headers: Fields,
    body: Body,
    send: Send,
) -> int:
    """Answers with the upstream's status, whatever it is."""
    await body.read_ahead()
    data = body.data()
    if body.length and not isinstance(data, bytes):
        headers.append((b"content-length", b"%d" % body.length))
    try:
        async with upstream.asking(method, path_and_query, headers, data) as answer:
            start = {
                "type": "http.response.start",
                "status": answer.status,
                "headers": from_upstream(answer.headers),
            }
            await send(start)
            await flow_back(answer, body, send)
            return answer.status
    except TryAgain:
        if body.failure:
            raise body.failure from None
        raise


async def flow_back(answer: Answer, body: Body, send: Send) -> None:
    """An answer that breaks off is left incomplete, so that the client sees that it broke off."""
    with contextlib.suppress(TimeoutError, OSError):
        chunk = await answer.chunk()
        if answer.is_over:
            await send({"type": "http.response.body", "body": chunk})
            return
        leaving = asyncio.create_task(close_when_gone(answer, body))
        try:
            while chunk or not answer.is_over:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await answer.chunk()
            await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()


async def close_when_gone(answer: Answer, body: Body) -> None:
    """A stream of events would otherwise go on for a reader who has left."""
    await body.gone()
    answer.close()
