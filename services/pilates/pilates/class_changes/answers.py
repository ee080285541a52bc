"""How a change of many sessions ended, for whoever asked for it and waits."""

from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.due_rows import Key
from chassis.http import answer
from chassis.runtime import Runtime
from pilates.class_changes.problems import ChangeConflicts
from pilates.class_changes.schemas import Plan
from pilates.class_sessions.settling import settle_at_once


async def settled_answer(runtime: Runtime, key: Key, plan: Plan) -> Response | None:
    """All of them, or none; None where it is not known yet."""
    ended = await settle_at_once(runtime, key)
    if ended is None:
        return None
    if ended.refused:
        conflicts = [
            {"session_id": str(id_), "problem": problem}
            for id_, problem in ended.refused.items()
            if "reason" in problem
        ]
        return answer(ChangeConflicts(conflicts=conflicts))
    return JSONResponse(plan.model_dump(mode="json"), 200)
