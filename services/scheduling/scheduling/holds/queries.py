from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.claims.models import Claim, is_live


async def live(
    session: AsyncSession, business_id: UUID, holder: str, now: datetime
) -> Sequence[Claim]:
    """One guest's holds, the first to expire first."""
    mine = select(Claim).where(
        Claim.business_id == business_id, Claim.holder == holder, is_live(now)
    )
    return (await session.scalars(mine.order_by(Claim.expires_at))).all()
