from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from portal.erasures.models import Erasure
from portal.portal_sessions.queries import Client


async def is_forgotten(session: AsyncSession, business_id: UUID, customer_id: UUID | None) -> bool:
    """What events that are still underway would bring back."""
    if customer_id is None:
        return False
    done = select(Erasure.id).where(
        Erasure.business_id == business_id,
        Erasure.customer_id == customer_id,
        Erasure.completed_at.is_not(None),
    )
    return await session.scalar(done) is not None


async def read(session: AsyncSession, client: Client) -> Erasure:
    found = await session.scalar(
        select(Erasure).where(
            Erasure.business_id == client.business_id, Erasure.customer_id == client.id
        )
    )
    if found is None:
        raise NotFound
    return found
