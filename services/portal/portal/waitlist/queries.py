from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from contracts.pilates import WaitlistEntry as EntrySnapshot
from portal.portal_sessions.queries import Client
from portal.waitlist.models import QUEUED, WaitlistEntry
from portal.waitlist.schemas import WaitlistItem

MOST = 200


def of_client(client: Client) -> Select[WaitlistEntry]:
    return select(WaitlistEntry).where(
        WaitlistEntry.business_id == client.business_id, WaitlistEntry.customer_id == client.id
    )


async def read(session: AsyncSession, client: Client, entry_id: UUID) -> WaitlistEntry:
    found = await session.scalar(of_client(client).where(WaitlistEntry.id == entry_id))
    if found is None:
        raise NotFound
    return found


async def find(session: AsyncSession, client: Client, now: datetime) -> list[WaitlistEntry]:
    """What the client still waits for, the next class first."""
    waiting = of_client(client).where(
        WaitlistEntry.status.in_(QUEUED), WaitlistEntry.starts_at > now
    )
    ordered = waiting.order_by(WaitlistEntry.starts_at, WaitlistEntry.id).limit(MOST)
    return list(await session.scalars(ordered))


async def everything(session: AsyncSession, client: Client) -> list[WaitlistEntry]:
    found = of_client(client).order_by(WaitlistEntry.starts_at, WaitlistEntry.id)
    return list(await session.scalars(found))


def view_told(told: EntrySnapshot) -> WaitlistItem:
    return view(told, told.position)


def view(told: EntrySnapshot, position: int | None) -> WaitlistItem:
    is_queued = told.status in QUEUED
    return WaitlistItem(
        id=told.id,
        version=told.version,
        status=told.status,
        session_id=told.session.id,
        title=told.session.name,
        starts_at=told.session.starts_at,
        ends_at=told.session.ends_at,
        time_zone=told.session.time_zone,
        party_size=told.party_size,
        position=position if is_queued else None,
        offer_expires_at=told.offer_expires_at if told.status == "offered" else None,
        skip_reason=told.skip_reason,
    )
