"""How a payment stands, as its payer reads it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from payments.link import Link
from payments.models import Demand
from payments.queries import demand_of
from payments.till import Paid, Till

State = Literal["awaited", "paid", "forfeited", "refund_due", "refunded", "stands", "gone"]
"""`stands`: nothing is asked for it online any more; `gone`: what it was asked for is over."""
DECIDED: dict[str, State] = {
    "paid": "paid",
    "forfeited": "forfeited",
    "refund_due": "refund_due",
    "refunded": "refunded",
}


@dataclass(frozen=True)
class Standing:
    of: Paid
    state: State
    amount_cents: int
    currency: str
    pay_by: datetime | None
    """Where it is awaited."""
    is_begun: bool
    """Somebody has been sent to the provider's page, and may have paid there."""


async def read_standing(till: Till, link: Link, now: datetime, session: AsyncSession) -> Standing:
    """Locks nothing, so that looking holds up nobody. Raises NotFound."""
    demand = await demand_of(session, till.demand, link)
    paid_for = await till.paid_for(session, link.key)
    return Standing(
        of=paid_for,
        state=state_of(demand, paid_for, now),
        amount_cents=demand.amount_cents,
        currency=demand.currency,
        pay_by=demand.release_at if demand.is_awaited(now) else None,
        is_begun=demand.checkout_url is not None,
    )


def state_of(demand: Demand, paid_for: Paid, now: datetime) -> State:
    """By the clock: what was not paid in time is gone, whether or not it was swept."""
    if demand.is_awaited(now):
        return "awaited"
    if paid_for.status in DECIDED:
        return DECIDED[paid_for.status]
    return "stands" if paid_for.is_on and not demand.is_late(now) else "gone"
