from typing import Annotated
from uuid import UUID

from fastapi import Header

from chassis.http import Now, Process, problems
from chassis.problems import NotFound, TryAgain
from contracts.client_requests import (
    AcceptOfferAsCustomer,
    DeclineOfferAsCustomer,
    LeaveWaitlistAsCustomer,
)
from portal.asking import OwnerRefused
from portal.door import AskingRouter
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedInApart
from portal.same_origin import AnotherSite
from portal.waitlist import commands
from portal.waitlist.schemas import Waiting

router = AskingRouter(prefix="/api/portal/waitlist", tags=["portal"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
REFUSALS = (NotSignedIn, NotFound, AnotherSite, OwnerRefused, TryAgain)


@router.get("", responses=problems(NotSignedIn))
async def list_waitlist(client: SignedInApart, process: Process, now: Now) -> Waiting:
    return Waiting(items=await commands.list_waiting(process, client, now))


@router.post("/{entry_id}/accept", status_code=204, responses=problems(*REFUSALS))
async def accept_offer(
    entry_id: UUID, client: SignedInApart, process: Process, key: Key = None
) -> None:
    """The place is the client's; it is among the bookings."""
    await commands.answer(process, client, entry_id, AcceptOfferAsCustomer, key)


@router.post("/{entry_id}/decline", status_code=204, responses=problems(*REFUSALS))
async def decline_offer(
    entry_id: UUID, client: SignedInApart, process: Process, key: Key = None
) -> None:
    await commands.answer(process, client, entry_id, DeclineOfferAsCustomer, key)


@router.post("/{entry_id}/leave", status_code=204, responses=problems(*REFUSALS))
async def leave_waitlist(
    entry_id: UUID, client: SignedInApart, process: Process, key: Key = None
) -> None:
    await commands.answer(process, client, entry_id, LeaveWaitlistAsCustomer, key)
