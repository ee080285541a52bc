from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from calendaring.local_time import NonexistentLocalTime
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, Settling, problems
from chassis.pages import Page
from chassis.preconditions import RequiredVersion, VersionSeen, tag
from chassis.problems import NotFound, PreconditionRequired, Stale
from contracts.permissions import Permission
from pilates.attendances.session_changes import Consequences
from pilates.class_sessions import cancelling, changing, commands, queries
from pilates.class_sessions.answers import place, settled_answer
from pilates.class_sessions.models import ClassSession
from pilates.class_sessions.problems import (
    CapacityBelowBooked,
    IllegalSessionChange,
    InstructorNotFree,
    SessionHasPlaces,
    SessionOver,
    StillSettling,
)
from pilates.class_sessions.schemas import (
    SessionCancellation,
    SessionFilter,
    SessionPatch,
    SessionView,
    SessionWrite,
)
from pilates.class_templates.problems import QuietHoursRefused
from pilates.copies.queries import known_business
from pilates.resources.problems import MachinesShort, PropsShort, RoomTaken

router = Router(prefix="/api/class-sessions", tags=["class sessions"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_CLASSES))]

HOLDING = (InstructorNotFree, RoomTaken, MachinesShort, PropsShort, SessionOver)
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": SessionView, "description": "Its instructor is still being asked for"}
}


@router.post(
    "",
    status_code=201,
    response_model=SessionView,
    responses=problems(NotFound, NonexistentLocalTime, *HOLDING) | ACCEPTED,
)
async def create_class_session(
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    settle: Settling,
    wanted: SessionWrite,
    response: Response,
) -> SessionView:
    """Published unless it is to be a draft; `pending` as long as its instructor is asked for."""
    row = await commands.create(session, process, caller, wanted, now)
    if row.settle_at:
        response.status_code = 202
        settle(partial(settled_answer, process, (row.business_id, row.id), 201))
    response.headers["Location"] = place(row.id)
    return await shown(session, row, now, response)


@router.get("", response_model=Page[SessionView])
async def list_class_sessions(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[SessionFilter, Query()],
) -> dict[str, object]:
    business = await known_business(session, process, caller.business_id)
    rows, next_cursor = await queries.find(session, caller.business_id, business.time_zone, wanted)
    items = await queries.views(session, caller.business_id, rows, now)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/{session_id}", responses=problems(NotFound))
async def read_class_session(
    session_id: UUID, caller: Member, session: Session, now: Now, response: Response
) -> SessionView:
    row = await queries.read(session, caller.business_id, session_id)
    return await shown(session, row, now, response)


@router.post(
    "/{session_id}/publish",
    response_model=SessionView,
    responses=problems(NotFound, Stale, IllegalSessionChange, StillSettling, *HOLDING) | ACCEPTED,
)
async def publish_class_session(
    session_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
    settle: Settling,
    response: Response,
) -> SessionView:
    row = await commands.publish(session, process, caller, session_id, seen, now)
    if row.settle_at:
        response.status_code = 202
        settle(partial(settled_answer, process, (row.business_id, row.id), 200))
        response.headers["Location"] = place(row.id)
    return await shown(session, row, now, response)


@router.patch(
    "/{session_id}",
    response_model=SessionView,
    responses=problems(
        NotFound,
        Stale,
        PreconditionRequired,
        IllegalSessionChange,
        StillSettling,
        CapacityBelowBooked,
        NonexistentLocalTime,
        QuietHoursRefused,
        *HOLDING,
    )
    | ACCEPTED,
)
async def change_class_session(
    session_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    settle: Settling,
    wanted: SessionPatch,
    response: Response,
) -> SessionView:
    """This one alone. Time, instructor and room change together, or not at all."""
    row, done = await changing.change(session, process, caller, session_id, wanted, seen, now)
    if done is None:
        response.status_code = 202
        settle(partial(settled_answer, process, (row.business_id, row.id), 200))
        response.headers["Location"] = place(row.id)
    return await shown(session, row, now, response, done)


@router.post(
    "/{session_id}/cancel",
    response_model=SessionView,
    responses=problems(NotFound, Stale, IllegalSessionChange, SessionOver),
)
async def cancel_class_session(
    session_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
    wanted: SessionCancellation,
    response: Response,
) -> SessionView:
    """By the studio: everybody gets back what they paid with, and the waitlist is over."""
    row, done = await cancelling.cancel(session, process, caller, session_id, wanted, seen, now)
    return await shown(session, row, now, response, done)


@router.delete(
    "/{session_id}", status_code=204, responses=problems(NotFound, Stale, SessionHasPlaces)
)
async def delete_class_session(
    session_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
) -> None:
    """One that nobody has ever booked; as an occurrence of a series it never comes back."""
    await cancelling.delete(session, process, caller, session_id, seen, now)


async def shown(
    session: Session,
    row: ClassSession,
    now: Now,
    response: Response,
    consequences: Consequences | None = None,
) -> SessionView:
    tag(response, row.version)
    return await queries.view(session, row, now, consequences)
