from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.requests import NoReply, Refused, ask
from chassis.runtime import Runtime
from contracts.client_requests import (
    AcceptOfferAsCustomer,
    DeclineOfferAsCustomer,
    LeaveWaitlistAsCustomer,
    PlacesReply,
    ReadWaitlistPositions,
    WaitlistPositions,
)
from portal.apart import in_business_of
from portal.asking import request_id
from portal.bookings.commands import change_places
from portal.portal_sessions.queries import Client
from portal.waitlist import queries
from portal.waitlist.models import WaitlistEntry
from portal.waitlist.schemas import WaitlistItem

Answer = type[AcceptOfferAsCustomer] | type[DeclineOfferAsCustomer] | type[LeaveWaitlistAsCustomer]


async def answer(
    runtime: Runtime, client: Client, entry_id: UUID, what: Answer, idempotency_key: str | None
) -> PlacesReply:
    """Accept or decline an offer, or leave the queue."""

    async def look(session: AsyncSession) -> None:
        await queries.read(session, client, entry_id)

    await in_business_of(client, runtime, look)
    asked = what(
        business_id=client.business_id,
        customer_id=client.id,
        request_id=request_id(client, idempotency_key),
        entry_id=entry_id,
    )
    return await change_places(runtime, client, asked)


async def list_waiting(runtime: Runtime, client: Client, now: datetime) -> list[WaitlistItem]:
    async def look(session: AsyncSession) -> list[WaitlistEntry]:
        return await queries.find(session, client, now)

    kept = await in_business_of(client, runtime, look)
    positions = await positions_of(runtime, client) if kept else {}
    return [queries.view(one.entry, positions.get(one.id)) for one in kept]


async def positions_of(runtime: Runtime, client: Client) -> dict[UUID, int]:
    """Others leave the queue, which no event of ours tells; without an answer there is none."""
    asked = ReadWaitlistPositions(business_id=client.business_id, customer_id=client.id)
    try:
        told = await ask(runtime, asked, WaitlistPositions)
    except (NoReply, Refused):
        return {}
    return {one.entry_id: one.position for one in told.positions}
