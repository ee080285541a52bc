from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import Forbidden, NotFound
from pilates.attendances import queries as attendances
from pilates.attendances.commands import check_may_manage
from pilates.attendances.problems import (
    AlreadyBooked,
    NotPayableSo,
    PartyTooLarge,
    SessionFull,
    SessionNotOpen,
)
from pilates.attendances.schemas import BookedPlaces
from pilates.attendances.views import views
from pilates.customer_packages.problems import NoCredit
from pilates.waitlist import commands, queries
from pilates.waitlist.problems import (
    AlreadyWaiting,
    NothingToWaitFor,
    NotWaiting,
    OfferGone,
    OrderRefused,
    WaitlistClosed,
)
from pilates.waitlist.schemas import Waitlist, WaitlistEntryView, WaitlistOrder, WaitlistWrite
from pilates.waitlist.views import entry_view

router = Router(prefix="/api/class-sessions/{session_id}/waitlist", tags=["waitlist"])

Member = Annotated[Principal, Depends(Allow())]


@router.get("", responses=problems(NotFound, Forbidden))
async def read_waitlist(
    session_id: UUID,
    caller: Member,
    session: Session,
    now: Now,
    *,
    over: Annotated[bool, Query()] = False,
) -> Waitlist:
    """Who waits, the next one first; or who has left it, and how."""
    row = await attendances.read_session(session, caller, session_id)
    check_may_manage(caller, row)
    if over:
        return Waitlist(items=await queries.over_views(session, row))
    return Waitlist(items=await queries.queue_views(session, row, now))


@router.post(
    "",
    status_code=201,
    responses=problems(
        NotFound,
        Forbidden,
        SessionNotOpen,
        NothingToWaitFor,
        AlreadyWaiting,
        AlreadyBooked,
        WaitlistClosed,
        PartyTooLarge,
        NotPayableSo,
    ),
)
async def join_waitlist(
    session_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: WaitlistWrite,
) -> WaitlistEntryView:
    held, entry = await commands.add(session, process, caller, session_id, wanted, now)
    return entry_view(entry, held)


@router.put("/order", responses=problems(NotFound, Forbidden, OrderRefused))
async def reorder_waitlist(
    session_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: WaitlistOrder,
) -> Waitlist:
    """All that wait, as they are to stand; refused where somebody has come or gone meanwhile."""
    held = await commands.reorder(session, process, caller, session_id, wanted, now)
    return Waitlist(items=[entry_view(entry, held) for entry in held.queue])


@router.delete("/{entry_id}", status_code=204, responses=problems(NotFound, Forbidden, NotWaiting))
async def leave_waitlist(
    session_id: UUID, entry_id: UUID, caller: Member, session: Session, process: Process, now: Now
) -> None:
    """Also declines an offer."""
    await commands.remove(session, process, caller, session_id, entry_id, now)


@router.post(
    "/{entry_id}/accept",
    responses=problems(
        NotFound, Forbidden, NotWaiting, OfferGone, NoCredit, AlreadyBooked, SessionFull
    ),
)
async def accept_offer(
    session_id: UUID, entry_id: UUID, caller: Member, session: Session, process: Process, now: Now
) -> BookedPlaces:
    booked = await commands.accept_for(session, process, caller, session_id, entry_id, now)
    return BookedPlaces(
        party_id=booked.attendances[0].party_id,
        attendances=views(booked.attendances, caller),
        checkout_url=booked.checkout_url,
    )
