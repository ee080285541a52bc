"""How a publication or a change ended, for whoever asked for it and waits."""

from functools import partial
from uuid import UUID

from fastapi import Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Key
from chassis.http import details
from chassis.runtime import Runtime
from pilates.attendances.session_changes import Consequences
from pilates.class_sessions import queries
from pilates.class_sessions.schemas import SessionView
from pilates.class_sessions.settling import settle_at_once

CREATED = 201


async def settled_answer(runtime: Runtime, key: Key, status: int) -> Response | None:
    """The session as it is by now, or why not; None where that is not known yet."""
    ended = await settle_at_once(runtime, key)
    if ended and (problem := ended.refused.get(key[1])):
        return details(problem)
    changed = status != CREATED
    consequences = ended.settled.get(key[1]) if ended and changed else None
    work = partial(read_view, runtime, key, consequences)
    seen = await in_transaction(runtime.sessions, work)
    if seen.refused:
        return details(seen.refused)
    headers = {"ETag": f'"{seen.version}"', "Location": place(key[1])}
    return JSONResponse(seen.model_dump(mode="json"), status, headers)


async def read_view(
    runtime: Runtime, key: Key, consequences: Consequences | None, session: AsyncSession
) -> SessionView:
    await enter_business(session, key[0])
    row = await queries.read(session, *key)
    return await queries.view(session, row, runtime.clock(), consequences)


def place(session_id: UUID) -> str:
    return f"/api/class-sessions/{session_id}"
