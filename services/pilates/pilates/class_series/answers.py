"""How the publication of a series ended, for whoever asked for it and waits."""

from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.due_rows import Key
from chassis.http import answer
from chassis.runtime import Runtime
from pilates.class_series.commands import conflicts
from pilates.class_series.schemas import MadeSeries
from pilates.class_sessions.settling import settle_at_once


async def settled_answer(runtime: Runtime, key: Key, made: MadeSeries) -> Response | None:
    """`key` is that of any session in it. None where it is not known yet."""
    ended = await settle_at_once(runtime, key)
    if ended is None:
        return None
    for one in made.occurrences:
        problem = ended.refused.get(one.session_id) if one.session_id else None
        if problem:
            one.session_id = None
            one.refused = problem if "reason" in problem else None
    if not any(one.session_id for one in made.occurrences):
        return answer(conflicts(made.occurrences))
    return JSONResponse(made.model_dump(mode="json"), 201, {"Location": place(made)})


def place(made: MadeSeries) -> str:
    return f"/api/class-series/{made.id}"
