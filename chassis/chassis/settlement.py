"""What one transaction cannot finish: begun by a request, it goes on after that one's commit."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from fastapi import Request, Response

from chassis.database import in_transaction

log = structlog.get_logger()

SECONDS = 2.5
"""So long does the caller wait; then the answer is what the transaction had said."""

Settle = Callable[[], Awaitable[Response | None]]
"""With transactions of its own; None where it is not known yet how it ends."""
Settling = Callable[[Settle], None]

_underway: set[asyncio.Task[Response | None]] = set()


async def settled(request: Request, accepted: Response) -> Response:
    """How it ended, if it did in time; beyond that it goes on, and whatever fails is not lost:
    the row that was committed says what is still open, and the worker's to finish.
    """
    if not hasattr(request.state, "settle"):
        return accepted
    task = asyncio.create_task(ending(request))
    _underway.add(task)
    task.add_done_callback(_underway.discard)
    await asyncio.wait({task}, timeout=SECONDS)
    return (task.done() and task.result()) or accepted


async def ending(request: Request) -> Response | None:
    """Kept under the Idempotency-Key too, in place of what was accepted; a refusal frees it."""
    try:
        ended: Response | None = await request.state.settle()
        if ended and (keep := getattr(request.state, "keep_answer", None)):
            kept = partial(keep, ended if ended.status_code < 400 else None)
            await in_transaction(request.app.state.runtime.sessions, kept)
    except Exception as error:
        log.warning("Not settled yet", exc_info=error)
        return None
    return ended
