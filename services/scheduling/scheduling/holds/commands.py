from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of
from chassis.problems import NotFound
from chassis.runtime import Runtime
from scheduling.appointments.booking import Wish, decide, release_own
from scheduling.appointments.problems import SlotTaken
from scheduling.claims import commands as claims
from scheduling.claims.models import Claim, ClaimedFor, with_buffers
from scheduling.copies.queries import published_offer
from scheduling.holds import queries
from scheduling.holds.holder import hashed, new_holder
from scheduling.holds.problems import TooManyHolds
from scheduling.holds.schemas import HoldWrite, NewHoldView

HOLDS_AT_ONCE = 3


async def hold(
    session: AsyncSession, runtime: Runtime, slug: str, wanted: HoldWrite, now: datetime
) -> NewHoldView:
    """Keep the time for a guest who is still typing; the rules of booking decide."""
    _, business, service = await published_offer(session, runtime, slug, wanted.service_id)
    holder = wanted.holder or new_holder()
    wish = Wish(
        business=business,
        service=service,
        staff_id=wanted.staff_id,
        starts_at=instant_of(wanted.starts_at, business.time_zone),
        holder=hashed(holder),
        only_holds=True,
    )
    person = await decide(session, wish, now)
    before, after = service.buffer_before_minutes, service.buffer_after_minutes
    during = with_buffers(wish.starts_at, wish.ends_at, before, after)
    # Held again, it lasts again; a hold that overlaps takes the place of the one before.
    await release_own(session, wish, person, during, now)
    await check_count(session, business.id, hashed(holder), now)
    expires_at = now + queries.LASTING
    claimed = await claims.take(
        session,
        now,
        business_id=business.id,
        kind=ClaimedFor.HOLD,
        staff_id=person.id,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        during=during,
        expires_at=expires_at,
        holder=hashed(holder),
    )
    if claimed is None:
        raise SlotTaken
    return NewHoldView(
        id=claimed,
        staff_id=person.id,
        staff_name=person.name,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        expires_at=expires_at,
        holder=holder,
    )


async def check_count(session: AsyncSession, business_id: UUID, holder: str, now: datetime) -> None:
    """Call it under the lock on the holder that `release_own` has taken."""
    live = await queries.live(session, business_id, holder, now)
    if len(live) >= HOLDS_AT_ONCE:
        raise TooManyHolds(
            holds=[{"id": str(claim.id), "expires_at": str(claim.expires_at)} for claim in live]
        )


async def release(session: AsyncSession, business_id: UUID, hold_id: UUID, holder: str) -> None:
    """Raises NotFound for somebody else's hold."""
    released = await session.scalar(
        delete(Claim)
        .where(Claim.business_id == business_id, Claim.id == hold_id, Claim.holder == holder)
        .returning(Claim.id)
    )
    if released is None:
        raise NotFound
