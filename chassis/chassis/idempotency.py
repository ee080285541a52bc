"""Same Idempotency-Key and request, same answer; kept in the transaction that did the work."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import Request, Response
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import Base, sqlstate
from chassis.problems import InvalidRequest, Problem, Unauthenticated

LOCK_NOT_AVAILABLE = "55P03"


class IdempotencyKeyReused(Problem):
    status, title = 422, "This Idempotency-Key came with another request"


class IdempotencyKeyInProgress(Problem):
    status, title = 409, "The first request with this Idempotency-Key is still at work"


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int] = mapped_column(nullable=True)
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def once(
    request: Request, session: AsyncSession, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Do the work and keep its answer; a refusal rolls back with its key, so it may be retried."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return await handle(request)
    if not (0 < len(key) <= 200 and key.isprintable()):
        raise InvalidRequest("An Idempotency-Key has 1 to 200 printable characters.")
    body = await request.body()
    caller, rights = caller_of(request)
    place = {"caller": digest(caller.encode()), "path": request.url.path, "key": key}
    fingerprint = digest(f"{rights}?{request.url.query}".encode(), body)
    if not await claim(session, place, fingerprint):
        return await replay(session, place, fingerprint)
    response = await handle(request)
    request.state.keep_answer = partial(keep, place)
    await keep(place, response if may_be_kept(response) else None, session)
    return response


async def keep(place: dict[str, str], response: Response | None, session: AsyncSession) -> None:
    """In place of what the key had before; without answer the key is free again."""
    if response is None:
        await session.execute(delete(IdempotencyKey).filter_by(**place))
        return
    headers = {name: response.headers[name] for name in KEPT if name in response.headers}
    answer = {"status": response.status_code, "headers": headers, "body": bytes(response.body)}
    await session.execute(update(IdempotencyKey).filter_by(**place).values(answer))


KEPT = ("content-type", "location", "etag")


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def may_be_kept(response: Response) -> bool:
    """Not a stream, which has no body yet, and no credentials (RFC 9111, 5.2.2.5)."""
    secret = "no-store" in response.headers.get("Cache-Control", "")
    return hasattr(response, "body") and not secret


def caller_of(request: Request) -> tuple[str, str]:
    """Who owns the key, and what they may do: who may do less now is not told what was answered."""
    authorization = request.headers.get("Authorization")
    try:
        caller = request.app.state.verifier.principal(authorization)
    except Unauthenticated:
        # A guest, or one whom the route knows by other means, such as a cookie.
        return f"{authorization}\0{request.headers.get('Cookie')}", ""
    rights = f"{caller.role} {sorted(caller.permissions)}"
    return f"{caller.business_id} {caller.account_id}", rights


async def claim(session: AsyncSession, place: dict[str, str], fingerprint: str) -> bool:
    """Waits for a parallel request with the same key to end, up to the lock time-out."""
    values = insert(IdempotencyKey).values(**place, fingerprint=fingerprint)
    try:
        claimed = values.on_conflict_do_nothing().returning(IdempotencyKey.key)
        return await session.scalar(claimed) is not None
    except DBAPIError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise IdempotencyKeyInProgress from error
        raise


async def replay(session: AsyncSession, place: dict[str, str], fingerprint: str) -> Response:
    # It was not ours to claim, so it is committed, and it was committed with its answer.
    kept = (await session.scalars(select(IdempotencyKey).filter_by(**place))).one()
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return Response(kept.body, kept.status, kept.headers)
