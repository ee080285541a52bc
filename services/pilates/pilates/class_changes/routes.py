from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response

from calendaring.local_time import NonexistentLocalTime
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, Settling, problems
from chassis.preconditions import RequiredVersion
from chassis.problems import NotFound, PreconditionRequired, Stale
from contracts.permissions import Permission
from pilates.class_changes import commands, of_template
from pilates.class_changes.answers import settled_answer
from pilates.class_changes.carrying_out import Planned
from pilates.class_changes.problems import ChangeConflicts, StalePlan, TooManySessions
from pilates.class_changes.schemas import ChangesWrite, Plan, TemplateChangesWrite
from pilates.class_series.problems import NotInSeries
from pilates.class_sessions.problems import IllegalSessionChange, SessionOver, StillSettling
from pilates.class_templates.problems import QuietHoursRefused

router = Router(tags=["class sessions"])

Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_CLASSES))]
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": Plan, "description": "The instructor is still being asked for"}
}
REFUSALS = (
    NotFound,
    StalePlan,
    ChangeConflicts,
    TooManySessions,
    StillSettling,
    QuietHoursRefused,
)


@router.post(
    "/api/class-sessions/{session_id}/changes",
    response_model=Plan,
    responses=problems(
        *REFUSALS, NotInSeries, IllegalSessionChange, SessionOver, NonexistentLocalTime
    )
    | ACCEPTED,
)
async def change_class_sessions(
    session_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    settle: Settling,
    wanted: ChangesWrite,
    response: Response,
) -> Plan:
    """This, this and future, or all of a series: first the plan, then with its token the deed."""
    planned = await commands.change(session, process, caller, session_id, wanted, now)
    return answered(planned, process, settle, response)


@router.post(
    "/api/class-templates/{template_id}/changes",
    response_model=Plan,
    responses=problems(*REFUSALS, Stale, PreconditionRequired) | ACCEPTED,
)
async def change_class_template_and_sessions(
    template_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    settle: Settling,
    wanted: TemplateChangesWrite,
    response: Response,
) -> Plan:
    """With all of its sessions still to come, but for what was changed of them or their series."""
    planned = await of_template.change_template(
        session, process, caller, template_id, wanted, seen, now
    )
    return answered(planned, process, settle, response)


def answered(planned: Planned, process: Process, settle: Settling, response: Response) -> Plan:
    if planned.open:
        response.status_code = 202
        settle(partial(settled_answer, process, planned.open, planned.plan))
    return planned.plan
