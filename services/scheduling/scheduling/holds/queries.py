from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.claims.models import Claim, is_live

LASTING = timedelta(minutes=10)


def held_at(claim: Claim) -> datetime:
    """When it was held last."""
    assert claim.expires_at is not None, "holds expire"
    return claim.expires_at - LASTING


async def live(
    session: AsyncSession, business_id: UUID, holder: str, now: datetime
) -> Sequence[Claim]:
    """One guest's holds, the first to expire first."""
    mine = select(Claim).where(
        Claim.business_id == business_id, Claim.holder == holder, is_live(now)
    )
    return (await session.scalars(mine.order_by(Claim.expires_at))).all()
