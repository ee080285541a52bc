import asyncio
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.runtime import Runtime
from scheduling.claims.models import Claim, ClaimedFor
from scheduling.copies.queries import every_business

HOUR_SECONDS = 3600
KEPT = timedelta(hours=1)


async def forget_holds(runtime: Runtime) -> None:
    """Expired ones stand in nobody's way; those that nobody met are swept here, hour by hour."""
    while True:
        for business_id in await in_transaction(runtime.sessions, every_business):
            await in_transaction(runtime.sessions, partial(forget, business_id, runtime.clock()))
        await asyncio.sleep(HOUR_SECONDS)


async def forget(business_id: UUID, now: datetime, session: AsyncSession) -> None:
    await enter_business(session, business_id)
    # Whoever holds one of them, under the lock of its staff member, deletes it anyway.
    over = (
        select(Claim.id)
        .where(
            Claim.business_id == business_id,
            Claim.kind == ClaimedFor.HOLD,
            Claim.expires_at <= now - KEPT,
        )
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(Claim).where(Claim.business_id == business_id, Claim.id.in_(over)))
