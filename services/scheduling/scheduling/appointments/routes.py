from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from calendaring.local_time import NonexistentLocalTime
from chassis.auth import Allow, Principal, public
from chassis.http import Now, Process, Router, Session, Settling, problems
from chassis.pages import Page
from chassis.problems import Forbidden, NotFound
from scheduling.appointments import commands, queries
from scheduling.appointments.changes.routes import router as changes
from scheduling.appointments.problems import (
    AnswersRefused,
    BeyondHorizon,
    DailyLimitReached,
    NobodyOffersThis,
    NotOffered,
    OnTimeOff,
    OutsideWorkingHours,
    SlotTaken,
    TooShortNotice,
)
from scheduling.appointments.schemas import (
    AppointmentFilter,
    AppointmentView,
    AppointmentWrite,
    GuestAppointmentView,
    GuestBooking,
)
from scheduling.appointments.views import shown, view
from scheduling.copies.models import Business
from scheduling.copies.queries import known, published_page
from scheduling.series.routes import router as series
from scheduling.things_needed.answers import (
    ACCEPTED,
    ACCEPTED_FOR_GUEST,
    settle_for_guest,
    settle_for_member,
)
from scheduling.things_needed.problems import NotHeld, NotPayableSo, SignInToUseCredits

router = Router(tags=["appointments"])
router.include_router(changes)
router.include_router(series)

Member = Annotated[Principal, Depends(Allow())]
BOOKING_REFUSALS = (
    NotFound,
    SlotTaken,
    OnTimeOff,
    DailyLimitReached,
    OutsideWorkingHours,
    NobodyOffersThis,
    NonexistentLocalTime,
    NotHeld,
)


@router.post(
    "/api/public/booking/{slug}/appointments",
    status_code=201,
    response_model=GuestAppointmentView,
    dependencies=[Depends(public)],
    responses=problems(
        *BOOKING_REFUSALS,
        NotOffered,
        TooShortNotice,
        BeyondHorizon,
        AnswersRefused,
        SignInToUseCredits,
    )
    | ACCEPTED_FOR_GUEST,
)
async def book_as_guest(
    slug: str,
    session: Session,
    process: Process,
    now: Now,
    wanted: GuestBooking,
    settling: Settling,
    response: Response,
) -> GuestAppointmentView:
    """With a deposit it is pending until that is paid at `checkout_url`, at most until `pay_by`."""
    booked = await commands.book_as_guest(session, process, slug, wanted, now)
    settle_for_guest(settling, process, booked.appointment, slug, response)
    seen = GuestAppointmentView.model_validate(booked.appointment)
    return seen.model_copy(update={"checkout_url": booked.checkout_url})


@router.get(
    "/api/public/booking/{slug}/appointments/{appointment_id}",
    dependencies=[Depends(public)],
    responses=problems(NotFound),
)
async def read_guest_appointment(
    slug: str, appointment_id: UUID, session: Session, process: Process
) -> GuestAppointmentView:
    """Whether what was accepted is settled by now; nothing of whom it is for."""
    page = await published_page(session, process, slug)
    appointment = await queries.read_booked(session, page.business_id, appointment_id)
    return GuestAppointmentView.model_validate(appointment)


@router.post(
    "/api/appointments",
    status_code=201,
    response_model=AppointmentView,
    responses=problems(*BOOKING_REFUSALS, Forbidden, NotPayableSo) | ACCEPTED,
)
async def book_appointment(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: AppointmentWrite,
    settling: Settling,
    response: Response,
) -> AppointmentView:
    """Of what needs a machine or a credit: 202 if whoever has them does not answer in time."""
    appointment = await commands.book(session, process, caller, wanted, now)
    settle_for_member(settling, process, caller, appointment, response, 201)
    response.headers["Location"] = f"/api/appointments/{appointment.id}"
    return shown(appointment, caller, response)


@router.get("/api/appointments", response_model=Page[AppointmentView])
async def list_appointments(
    caller: Member,
    session: Session,
    process: Process,
    wanted: Annotated[AppointmentFilter, Query()],
) -> dict[str, object]:
    business = await known(session, process, Business, caller.business_id, caller.business_id)
    items, next_cursor = await queries.find(session, caller, business.time_zone, wanted)
    return {"items": [view(item, caller) for item in items], "next_cursor": next_cursor}


@router.get("/api/appointments/{appointment_id}", responses=problems(NotFound))
async def read_appointment(
    appointment_id: UUID, caller: Member, session: Session, response: Response
) -> AppointmentView:
    return shown(await queries.read(session, caller, appointment_id), caller, response)
