from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal, public
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import RequiredVersion
from chassis.problems import Forbidden, NotFound, PreconditionRequired, Stale
from pilates.attendances import cancelling, commands, moving, queries, recording, why_not
from pilates.attendances.models import Status
from pilates.attendances.problems import (
    AlreadyBooked,
    CostsDiffer,
    NoSuchSpot,
    NotPayableSo,
    PartyTooLarge,
    PlaceNotHeld,
    SessionBegun,
    SessionFull,
    SessionNotOpen,
    SignInToUseCredits,
    SpotTaken,
    TooEarlyToRecord,
)
from pilates.attendances.schemas import (
    AttendanceFilter,
    AttendanceView,
    BookedPlaces,
    CancelledPlaces,
    GuestBookedPlaces,
    GuestPlacesWrite,
    GuestPlaceView,
    PlaceCancellation,
    PlaceMove,
    PlaceReasons,
    PlacesWrite,
    SpotChange,
)
from pilates.attendances.views import shown, views
from pilates.customer_packages.problems import NoCredit
from pilates.drop_ins.problems import PaidTogether
from pilates.waitlist.announcing import position_of
from pilates.waitlist.problems import AlreadyWaiting, WaitlistClosed
from pilates.waitlist.views import entry_view

router = Router(tags=["attendances"])

Member = Annotated[Principal, Depends(Allow())]
PLACES = "/api/class-sessions/{session_id}/attendances"
PLACE = PLACES + "/{attendance_id}"
BOOKING_REFUSALS = (
    NotFound,
    SessionNotOpen,
    SessionFull,
    SpotTaken,
    AlreadyBooked,
    AlreadyWaiting,
    WaitlistClosed,
    NoSuchSpot,
    PartyTooLarge,
)
CHANGE_REFUSALS = (NotFound, Forbidden, PlaceNotHeld, Stale, PreconditionRequired)


@router.post(
    PLACES,
    status_code=201,
    responses={
        **problems(*BOOKING_REFUSALS, Forbidden, NoCredit, NotPayableSo),
        202: {"description": "There is no room: the customer waits for it"},
    },
)
async def book_places(
    session_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: PlacesWrite,
    response: Response,
) -> BookedPlaces:
    """All places of the party or none, each with its spot and its credit."""
    booked = await commands.book(session, process, caller, session_id, wanted, now)
    taken = booked.attendances
    if booked.entry is not None:
        response.status_code = 202
        waiting = entry_view(booked.entry, booked.held)
        return BookedPlaces(party_id=None, attendances=[], waitlist_entry=waiting)
    return BookedPlaces(party_id=taken[0].party_id, attendances=views(taken, caller))


@router.get(PLACES, responses=problems(NotFound))
async def list_attendances(
    session_id: UUID,
    caller: Member,
    session: Session,
    wanted: Annotated[AttendanceFilter, Query()],
) -> Page[AttendanceView]:
    row = await queries.read_session(session, caller, session_id)
    commands.check_may_manage(caller, row)
    items, next_cursor = await queries.find(session, caller, session_id, wanted)
    return Page(items=views(items, caller), next_cursor=next_cursor)


@router.get("/api/class-sessions/{session_id}/reasons", responses=problems(NotFound, Forbidden))
async def read_reasons(
    session_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    customer_id: UUID,
    places: Annotated[int, Query(ge=1, le=20)] = 1,
) -> PlaceReasons:
    """Why a customer can have a place now, or not: every link of the chain."""
    return await why_not.reasons(session, process, caller, session_id, customer_id, places, now)


@router.get(PLACE, responses=problems(NotFound, Forbidden))
async def read_attendance(
    session_id: UUID, attendance_id: UUID, caller: Member, session: Session, response: Response
) -> AttendanceView:
    row = await queries.read_session(session, caller, session_id)
    commands.check_may_manage(caller, row)
    return shown(await queries.read(session, caller, session_id, attendance_id), caller, response)


@router.post(PLACE + "/cancel", responses=problems(*CHANGE_REFUSALS, SessionBegun, PaidTogether))
async def cancel_place(
    session_id: UUID,
    attendance_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: PlaceCancellation | None = None,
) -> CancelledPlaces:
    """On behalf of the customer the cancellation window decides what comes back."""
    cancelled = await cancelling.cancel(
        session,
        process,
        caller,
        session_id,
        attendance_id,
        wanted or PlaceCancellation(),
        seen,
        now,
    )
    return CancelledPlaces(
        attendances=views(cancelled.attendances, caller), credit=cancelled.credit
    )


@router.post(
    PLACE + "/move",
    responses=problems(
        *CHANGE_REFUSALS,
        SessionNotOpen,
        SessionFull,
        SpotTaken,
        AlreadyBooked,
        CostsDiffer,
        NoCredit,
        NoSuchSpot,
        PaidTogether,
    ),
)
async def move_place(
    session_id: UUID,
    attendance_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: PlaceMove,
    response: Response,
) -> AttendanceView:
    """To another session: the same place, paid for by the same credit."""
    _, moved = await moving.move(
        session, process, caller, session_id, attendance_id, wanted, seen, now
    )
    return shown(moved, caller, response)


@router.post(PLACE + "/spot", responses=problems(*CHANGE_REFUSALS, SpotTaken, NoSuchSpot))
async def change_spot(
    session_id: UUID,
    attendance_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: SpotChange,
    response: Response,
) -> AttendanceView:
    changed = await moving.change_spot(
        session, process, caller, session_id, attendance_id, wanted, seen, now
    )
    return shown(changed, caller, response)


@router.post(PLACE + "/attended", responses=problems(*CHANGE_REFUSALS, TooEarlyToRecord))
async def record_attended(
    session_id: UUID,
    attendance_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
) -> AttendanceView:
    recorded = await recording.record(
        session, process, caller, session_id, attendance_id, Status.ATTENDED, seen, now
    )
    return shown(recorded, caller, response)


@router.post(PLACE + "/no-show", responses=problems(*CHANGE_REFUSALS, TooEarlyToRecord))
async def record_no_show(
    session_id: UUID,
    attendance_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
) -> AttendanceView:
    """Whoever does not come has paid all the same, unless somebody waives it."""
    recorded = await recording.record(
        session, process, caller, session_id, attendance_id, Status.NO_SHOW, seen, now
    )
    return shown(recorded, caller, response)


@router.post(PLACE + "/reopen", responses=problems(*CHANGE_REFUSALS))
async def take_back_record(
    session_id: UUID,
    attendance_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
) -> AttendanceView:
    """What was recorded by mistake is booked again."""
    recorded = await recording.record(
        session, process, caller, session_id, attendance_id, Status.BOOKED, seen, now
    )
    return shown(recorded, caller, response)


@router.post(
    "/api/public/booking/{slug}/attendances",
    status_code=201,
    dependencies=[Depends(public)],
    responses={
        **problems(*BOOKING_REFUSALS, SessionBegun, SignInToUseCredits),
        202: {"description": "There is no room: the guest waits for it"},
    },
)
async def book_places_as_guest(
    slug: str,
    session: Session,
    process: Process,
    now: Now,
    wanted: GuestPlacesWrite,
    response: Response,
) -> GuestBookedPlaces:
    booked = await commands.book_as_guest(session, process, slug, wanted, now)
    if booked.entry is not None:
        response.status_code = 202
        position = position_of(booked.entry, booked.held)
        return GuestBookedPlaces(attendances=[], waitlist_position=position)
    return GuestBookedPlaces(
        attendances=[GuestPlaceView.model_validate(one) for one in booked.attendances],
        checkout_url=booked.checkout_url,
    )
