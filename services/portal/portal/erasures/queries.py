from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from portal.erasures.models import Erasure
from portal.portal_sessions.queries import Client


async def read(session: AsyncSession, client: Client) -> Erasure:
    found = await session.scalar(
        select(Erasure).where(
            Erasure.business_id == client.business_id, Erasure.customer_id == client.id
        )
    )
    if found is None:
        raise NotFound
    return found
