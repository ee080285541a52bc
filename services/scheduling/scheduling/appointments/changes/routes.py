from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from calendaring.local_time import NonexistentLocalTime
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, Settling, problems
from chassis.preconditions import RequiredVersion
from chassis.problems import Forbidden, NotFound, PreconditionRequired, Stale
from contracts.moments import MomentRange
from scheduling.appointments.changes import commands, correcting, moves, rescheduling
from scheduling.appointments.changes.schemas import (
    AppointmentPatch,
    Cancellation,
    Moves,
    Reopening,
    Reschedule,
)
from scheduling.appointments.problems import (
    AnswersRefused,
    CustomerIsKnown,
    DailyLimitReached,
    IllegalTransition,
    LengthRefused,
    NobodyOffersThis,
    NotYetBegun,
    OnTimeOff,
    OutsideWorkingHours,
    SlotTaken,
    StillSettling,
)
from scheduling.appointments.schemas import AppointmentView
from scheduling.appointments.views import shown
from scheduling.series import changes as series
from scheduling.series.problems import NotInSeries, SeriesConflicts
from scheduling.things_needed.answers import ACCEPTED, settle_for_member
from scheduling.things_needed.problems import MovedOneByOne, NotHeld

router = Router(prefix="/api/appointments/{appointment_id}", tags=["appointments"])

Member = Annotated[Principal, Depends(Allow())]
REFUSALS = (NotFound, IllegalTransition, StillSettling, Stale, PreconditionRequired)


@router.get("/moves", responses=problems(NotFound, IllegalTransition))
async def read_moves(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[MomentRange, Query()],
) -> Moves:
    """Where a dragging calendar may let it drop, and for the rest why not."""
    return await moves.find(session, process, caller, appointment_id, wanted, now)


@router.patch(
    "", responses=problems(NotFound, Stale, PreconditionRequired, CustomerIsKnown, AnswersRefused)
)
async def correct_appointment(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: AppointmentPatch,
    response: Response,
) -> AppointmentView:
    """A walk-in's contact, and answers; time and staff are rescheduled instead."""
    appointment = await correcting.correct(
        session, process, caller, appointment_id, wanted, seen, now
    )
    return shown(appointment, caller, response)


@router.post(
    "/reschedule",
    response_model=AppointmentView,
    responses=problems(
        *REFUSALS,
        Forbidden,
        SlotTaken,
        OnTimeOff,
        DailyLimitReached,
        OutsideWorkingHours,
        NobodyOffersThis,
        LengthRefused,
        NonexistentLocalTime,
        NotInSeries,
        SeriesConflicts,
        NotHeld,
        MovedOneByOne,
    )
    | ACCEPTED,
)
async def reschedule_appointment(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: Reschedule,
    settling: Settling,
    response: Response,
) -> AppointmentView:
    """Move, drag, resize or reassign; its identity, payments, price and answers stay."""
    what = (session, process, caller, appointment_id, wanted)
    if wanted.scope == "this":
        appointment = await rescheduling.reschedule(*what, seen, now)
    else:
        appointment = await series.reschedule(*what, wanted.scope, seen, now)
    settle_for_member(settling, process, caller, appointment, response)
    return shown(appointment, caller, response)


@router.post("/confirm", responses=problems(*REFUSALS, SlotTaken, NobodyOffersThis))
async def confirm_appointment(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
) -> AppointmentView:
    appointment = await commands.confirm(session, process, caller, appointment_id, seen, now)
    return shown(appointment, caller, response)


@router.post("/cancel", responses=problems(*REFUSALS, Forbidden, NotInSeries))
async def cancel_appointment(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
    wanted: Cancellation | None = None,
) -> AppointmentView:
    what = (session, process, caller, appointment_id, wanted := wanted or Cancellation())
    if wanted.scope == "this":
        appointment = await commands.cancel(*what, seen, now)
    else:
        appointment = await series.cancel(*what, wanted.scope, seen, now)
    return shown(appointment, caller, response)


@router.post("/complete", responses=problems(*REFUSALS, NotYetBegun))
async def complete_appointment(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
) -> AppointmentView:
    appointment = await commands.complete(session, process, caller, appointment_id, seen, now)
    return shown(appointment, caller, response)


@router.post("/no-show", responses=problems(*REFUSALS, NotYetBegun))
async def miss_appointment(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
) -> AppointmentView:
    """The customer did not come; what is left of the time is free again."""
    appointment = await commands.miss(session, process, caller, appointment_id, seen, now)
    return shown(appointment, caller, response)


@router.post(
    "/reopen",
    response_model=AppointmentView,
    responses=problems(*REFUSALS, SlotTaken, NobodyOffersThis, NotHeld) | ACCEPTED,
)
async def reopen_appointment(
    appointment_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    settling: Settling,
    response: Response,
    wanted: Reopening | None = None,
) -> AppointmentView:
    """What was cancelled, completed or missed by mistake takes its time again."""
    appointment = await commands.reopen(
        session, process, caller, appointment_id, wanted or Reopening(), seen, now
    )
    settle_for_member(settling, process, caller, appointment, response)
    return shown(appointment, caller, response)
