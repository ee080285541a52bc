from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from calendaring.local_time import NonexistentLocalTime
from chassis.http import Now, Process, Session, problems
from chassis.pages import Page
from chassis.preconditions import RequiredVersion, tag
from chassis.problems import NotFound, PreconditionRequired, Stale, TryAgain
from portal.asking import OwnerRefused
from portal.bookings import commands, options, queries
from portal.bookings.booking import book_appointment, book_place
from portal.bookings.calendar_text import calendar, event_of
from portal.bookings.schemas import (
    BookingFilter,
    BookingOutcome,
    BookingRead,
    Cancellation,
    Classes,
    ClassRange,
    Move,
    NewBooking,
    OpenSlots,
    Services,
    SlotRange,
    Slots,
)
from portal.bookings.views import view
from portal.door import FOR_ONE_CLIENT, AskingRouter, ClientRouter
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedIn, SignedInApart
from portal.same_origin import AnotherSite
from portal.waitlist.queries import view_told

reading = ClientRouter(prefix="/api/portal", tags=["portal"])
asking = AskingRouter(prefix="/api/portal", tags=["portal"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
SETTLES_ITSELF = {
    "description": "A machine or a credit is still being asked for; it settles itself"
}
REFUSALS = (
    *(NotSignedIn, AnotherSite, NotFound, Stale, PreconditionRequired, OwnerRefused, TryAgain),
    NonexistentLocalTime,
)


@reading.get("/bookings", responses=problems(NotSignedIn))
async def list_my_bookings(
    client: SignedIn, session: Session, now: Now, wanted: Annotated[BookingFilter, Query()]
) -> Page[BookingRead]:
    rows, next_cursor = await queries.find(session, client, wanted, now)
    items = [view(booking, window, now) for booking, window in rows]
    return Page(items=items, next_cursor=next_cursor)


@reading.get("/bookings/{booking_id}", responses=problems(NotSignedIn, NotFound))
async def read_my_booking(
    booking_id: UUID, client: SignedIn, session: Session, now: Now, response: Response
) -> BookingRead:
    booking, window = await queries.read(session, client, booking_id)
    tag(response, booking.version)
    return view(booking, window, now)


@reading.get(
    "/bookings/{booking_id}/calendar.ics",
    response_class=Response,
    responses=problems(NotSignedIn, NotFound) | {200: {"content": {"text/calendar": {}}}},
)
async def read_my_booking_as_calendar(
    booking_id: UUID, client: SignedIn, session: Session, now: Now
) -> Response:
    booking, window = await queries.read(session, client, booking_id)
    body = calendar([event_of(booking, view(booking, window, now))])
    named = {"Content-Disposition": f'attachment; filename="{booking.id}.ics"'}
    headers = named | FOR_ONE_CLIENT
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


@asking.get(
    "/bookings/{booking_id}/slots",
    responses=problems(NotSignedIn, NotFound, OwnerRefused, TryAgain),
)
async def read_slots_of_booking(
    booking_id: UUID,
    client: SignedInApart,
    process: Process,
    wanted: Annotated[SlotRange, Query()],
) -> Slots:
    """Where the appointment could be moved to."""
    return await options.slots_of(process, client, booking_id, wanted)


@asking.get("/classes", responses=problems(NotSignedIn, OwnerRefused, TryAgain))
async def list_classes(
    client: SignedInApart, process: Process, wanted: Annotated[ClassRange, Query()]
) -> Classes:
    """What may be booked, or moved to."""
    return await options.classes(process, client, wanted)


@asking.get("/services", responses=problems(NotSignedIn, OwnerRefused, TryAgain))
async def list_services(client: SignedInApart, process: Process) -> Services:
    """What may be booked privately: all that is on the studio's booking pages."""
    return await options.services(process, client)


@asking.get(
    "/services/{service_id}/slots",
    responses=problems(NotSignedIn, NotFound, OwnerRefused, TryAgain),
)
async def read_slots_of_service(
    service_id: UUID,
    client: SignedInApart,
    process: Process,
    wanted: Annotated[SlotRange, Query()],
) -> OpenSlots:
    return await options.slots_of_service(process, client, service_id, wanted)


@asking.post("/bookings", status_code=201, responses={**problems(*REFUSALS), 202: SETTLES_ITSELF})
async def book(
    client: SignedInApart,
    process: Process,
    now: Now,
    wanted: NewBooking,
    response: Response,
    key: Key = None,
) -> BookingOutcome:
    """A place in a class, or the queue for it; or an appointment. Paid by credits where it costs
    any. What has to be paid first has a `pay_url`, and is gone at `pay_by`.
    """
    if wanted.starts_at is not None:
        booked = await book_appointment(process, client, wanted, wanted.starts_at, key)
        one, window = booked.found
        response.headers["Location"] = f"/api/portal/bookings/{one.id}"
        if booked.settling:
            response.status_code = 202
        return BookingOutcome(bookings=[view(one, window, now)], waitlist_entry=None)
    reply = await book_place(process, client, wanted, key)
    ids = [one.id for one in reply.attendances]
    found = await commands.look_up_all(process, client, ids)
    return BookingOutcome(
        bookings=[view(one, window, now) for one, window in found],
        waitlist_entry=view_told(reply.entry) if reply.entry else None,
    )


@asking.post("/bookings/{booking_id}/cancel", responses=problems(*REFUSALS))
async def cancel_my_booking(
    booking_id: UUID,
    client: SignedInApart,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
    wanted: Cancellation | None = None,
    key: Key = None,
) -> BookingRead:
    """After `free_until` it is cancelled all the same, and what is at stake is lost."""
    wanted = wanted or Cancellation()
    booking, window = await commands.cancel(process, client, booking_id, wanted, seen, key)
    tag(response, booking.version)
    return view(booking, window, now)


@asking.post(
    "/bookings/{booking_id}/reschedule",
    responses={**problems(*REFUSALS), 202: SETTLES_ITSELF},
)
async def move_my_booking(
    booking_id: UUID,
    client: SignedInApart,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    response: Response,
    wanted: Move,
    key: Key = None,
) -> BookingRead:
    """Until `free_until`, inclusive, which its owner enforces."""
    booking, window = await commands.move(process, client, booking_id, wanted, seen, key)
    tag(response, booking.version)
    moved = view(booking, window, now)
    if moved.wished_move and moved.wished_move.not_held is None:
        response.status_code = 202
        response.headers["Location"] = f"/api/portal/bookings/{booking_id}"
    return moved
