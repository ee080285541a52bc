"""Who was passed over may be able to have a place by now: the worker looks at the queue again.

A refusal rolls back all that its transaction has seen to, so it cannot promote anybody itself.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.waitlist.models import Status, WaitlistEntry


async def wake_customer(
    session: AsyncSession, business_id: UUID, customer_id: UUID, now: datetime
) -> None:
    """There is more credit than before."""
    await wake(session, business_id, WaitlistEntry.customer_id == customer_id, now)


async def wake_people(
    session: AsyncSession, business_id: UUID, people: Collection[str], now: datetime
) -> None:
    """They are not in another place any more."""
    await wake(session, business_id, WaitlistEntry.person.in_(people), now)


async def wake(
    session: AsyncSession, business_id: UUID, whose: ColumnElement[bool], now: datetime
) -> None:
    # Behind the locks on packages; whoever holds such an entry has all the packages it needs.
    await session.execute(
        update(WaitlistEntry)
        .where(
            WaitlistEntry.business_id == business_id,
            WaitlistEntry.status == Status.WAITING,
            WaitlistEntry.skip_reason.is_not(None),
            whose,
        )
        .values(look_at=now)
        .execution_options(synchronize_session=False)
    )
