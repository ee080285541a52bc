"""Passes a request on and its answer back, as they flow."""

import asyncio
import contextlib

from aiohttp import ClientError, ClientResponse
from multidict import CIMultiDict
from starlette.types import Send

from chassis.problems import TryAgain
from gateway.bodies import Body
from gateway.headers import from_upstream
from gateway.upstream import Upstream


async def forward(
    upstream: Upstream,
    method: str,
    path_and_query: str,
    headers: CIMultiDict[str],
    body: Body,
    send: Send,
) -> int:
    """Answers with the upstream's status, whatever it is."""
    await body.read_ahead()
    data = body.data()
    if body.length and not isinstance(data, bytes):
        headers["Content-Length"] = str(body.length)
    try:
        async with upstream.asking(method, path_and_query, headers, data) as response:
            start = {
                "type": "http.response.start",
                "status": response.status,
                "headers": from_upstream(response.raw_headers),
            }
            await send(start)
            await flow_back(response, body, send)
            return response.status
    except TryAgain:
        if body.failure:
            raise body.failure from None
        raise


async def flow_back(response: ClientResponse, body: Body, send: Send) -> None:
    """An answer that breaks off is left incomplete, so that the client sees that it broke off."""
    content = response.content
    with contextlib.suppress(ClientError, TimeoutError, OSError):
        chunk = await content.readany() if response.method != "HEAD" else b""
        if content.at_eof():
            await send({"type": "http.response.body", "body": chunk})
            return
        leaving = asyncio.create_task(close_when_gone(response, body))
        try:
            while chunk or not content.at_eof():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await content.readany()
            await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()


async def close_when_gone(response: ClientResponse, body: Body) -> None:
    """A stream of events would otherwise go on for a reader who has left."""
    await body.gone()
    response.close()
