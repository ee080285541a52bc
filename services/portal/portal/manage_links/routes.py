from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import Depends, Header, Path, Query, Response

from chassis.database import in_transaction
from chassis.http import Now, Process, problems
from chassis.preconditions import RequiredVersion, tag
from chassis.problems import NotFound, PreconditionRequired, Stale, TryAgain
from contracts.client_requests import (
    AcceptOfferAsCustomer,
    DeclineOfferAsCustomer,
    LeaveWaitlistAsCustomer,
)
from contracts.manage_links import read
from portal.asking import OwnerRefused
from portal.bookings import commands as bookings
from portal.bookings import options
from portal.bookings.models import Booking
from portal.bookings.schemas import Cancellation, Move, SlotRange, Slots
from portal.bookings.views import view
from portal.door import AskingRouter
from portal.manage_links.problems import BookingOver, NotReadyYet
from portal.manage_links.queries import Opened, open_link
from portal.manage_links.schemas import Managed, ManagedBooking, ManagedWaiting, managed
from portal.portal_sessions.queries import Client
from portal.settings import PortalSettings
from portal.waitlist import commands as waitlist

router = AskingRouter(prefix="/api/portal/manage/{link}", tags=["portal"])

ANSWERS: dict[str, waitlist.Answer] = {
    "accept": AcceptOfferAsCustomer,
    "decline": DeclineOfferAsCustomer,
    "leave": LeaveWaitlistAsCustomer,
}
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
READING = (NotFound, BookingOver, TryAgain)
CHANGING = (*READING, NotReadyYet, Stale, PreconditionRequired, OwnerRefused)


async def opened(link: Annotated[str, Path(max_length=200)], process: Process, now: Now) -> Opened:
    """Declares that a route is for whoever holds the link of one booking, and for that alone."""
    assert isinstance(process.settings, PortalSettings)
    named = read(link, process.settings.link_secret)
    if named is None:
        raise NotFound
    return await in_transaction(process.sessions, partial(open_link, named, now))


OpenedLink = Annotated[Opened, Depends(opened)]


@router.get("", responses=problems(*READING))
async def read_managed(
    found: OpenedLink, process: Process, now: Now, response: Response
) -> Managed:
    """Opening the link changes nothing, however often and by whatever program."""
    if found.booking is not None:
        tag(response, found.booking.version)
        return shown(found.booking, found.window_minutes, found, now)
    assert found.entry is not None
    told = found.entry.entry
    positions = (
        await waitlist.positions_of(process, found.client) if found.customer is not None else {}
    )
    return ManagedWaiting(
        status=told.status,
        business_name=found.business.name,
        title=told.session.name,
        starts_at=told.session.starts_at,
        ends_at=told.session.ends_at,
        time_zone=told.session.time_zone,
        position=positions.get(told.id),
        offer_expires_at=told.offer_expires_at if told.status == "offered" else None,
    )


@router.get("/slots", responses=problems(*CHANGING))
async def read_managed_slots(
    found: OpenedLink, process: Process, wanted: Annotated[SlotRange, Query()]
) -> Slots:
    client, booking = of_booking(found)
    return await options.slots_of(process, client, booking.id, wanted)


@router.post("/cancel", responses=problems(*CHANGING))
async def cancel_managed(
    found: OpenedLink,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: Cancellation | None = None,
    key: Key = None,
) -> ManagedBooking:
    client, booking = of_booking(found)
    wanted = wanted or Cancellation()
    done, window = await bookings.cancel(process, client, booking.id, wanted, seen, key)
    return shown(done, window, found, now)


@router.post("/reschedule", responses=problems(*CHANGING))
async def move_managed(
    found: OpenedLink,
    process: Process,
    now: Now,
    seen: RequiredVersion,
    wanted: Move,
    key: Key = None,
) -> ManagedBooking:
    client, booking = of_booking(found)
    done, window = await bookings.move(process, client, booking.id, wanted, seen, key)
    return shown(done, window, found, now)


@router.post("/{answer}", status_code=204, responses=problems(*CHANGING))
async def answer_managed(
    answer: Literal["accept", "decline", "leave"],
    found: OpenedLink,
    process: Process,
    key: Key = None,
) -> None:
    """Of a place in a queue: accept or decline what is offered, or leave."""
    if found.entry is None:
        raise NotFound
    await waitlist.answer(process, found.client, found.entry.id, ANSWERS[answer], key)


def of_booking(found: Opened) -> tuple[Client, Booking]:
    if found.booking is None:
        raise NotFound
    return found.client, found.booking


def shown(
    booking: Booking, window_minutes: int | None, found: Opened, now: datetime
) -> ManagedBooking:
    return managed(view(booking, window_minutes, now), found.business.name)
