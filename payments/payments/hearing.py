"""What a provider tells us, however often and in whatever order: one effect."""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import TryAgain
from chassis.runtime import Runtime
from payments.models import ONE_ROW, RefundCause, TakenPayment
from payments.provider import Fact
from payments.reference import named_by
from payments.refunding import refunded
from payments.releasing import release
from payments.till import Locked, Till

log = structlog.get_logger()


async def hear(
    till: Till, session: AsyncSession, runtime: Runtime, provider: str, fact: Fact
) -> None:
    key = named_by(till.word, fact.reference)
    locked = await till.lock(session, key) if key else None
    if locked is None:
        log.info("Told of what we have not asked for", provider=provider, kind=fact.kind)
    elif fact.kind == "paid":
        await take_payment(till, session, provider, fact, locked, runtime.clock())
    elif fact.kind == "refunded":
        await hear_of_refund(till, session, provider, fact, locked, runtime.clock())
    elif fact.checkout_id == locked.demand.checkout_id:
        locked.demand.close_at = None


async def take_payment(
    till: Till, session: AsyncSession, provider: str, fact: Fact, locked: Locked, now: datetime
) -> None:
    """Once for each payment, by the clock as it stands when everything is locked."""
    payment = await record(till, session, provider, fact, locked, now)
    if payment is None:
        return
    cause = await why_not_kept(session, fact, locked, now)
    if cause is None:
        locked.demand.release_at = None
        await locked.keep(session, payment, now)
        return
    log.warning("Paid, and given back", cause=cause, reference=fact.reference)
    if cause == RefundCause.PAID_TOO_LATE:
        await release(session, locked, now)
        await locked.owe_back(session, now)
    payment.give_back(cause, now)
    await locked.issue(session, "payment", payment, now)


async def record(
    till: Till, session: AsyncSession, provider: str, fact: Fact, locked: Locked, now: datetime
) -> TakenPayment | None:
    """None for what is no payment, or has been told before."""
    if fact.payment_id is None:
        return None
    told = insert(till.payment).values(
        business_id=locked.demand.business_id,
        demand_id=locked.demand.id,
        provider=provider,
        provider_id=fact.payment_id,
        amount_cents=fact.amount_cents,
        currency=fact.currency,
        paid_at=now,
    )
    payment: TakenPayment | None = await session.scalar(
        told.on_conflict_do_nothing(constraint=ONE_ROW).returning(till.payment)
    )
    return payment


async def why_not_kept(
    session: AsyncSession, fact: Fact, locked: Locked, now: datetime
) -> RefundCause | None:
    """Until the deadline it is in time, and from then on too late, whether or not it was swept."""
    demand = locked.demand
    if (fact.amount_cents, fact.currency) != (demand.amount_cents, demand.currency):
        return RefundCause.NOT_OWED
    if demand.is_late(now):
        return RefundCause.PAID_TOO_LATE
    return await locked.why_not_kept(session)


async def hear_of_refund(
    till: Till, session: AsyncSession, provider: str, fact: Fact, locked: Locked, now: datetime
) -> None:
    """Also of one that was made at the provider by hand, without us.

    Raises TryAgain if all is back before we heard that it was paid: refused, the message comes
    again, and finds the payment then. Heard, it would be gone.
    """
    demand, table = locked.demand, till.payment
    payment = await session.scalar(
        select(table)
        .where(
            table.business_id == demand.business_id,
            table.demand_id == demand.id,
            table.provider == provider,
            table.provider_id == fact.payment_id,
        )
        .with_for_update()
    )
    paid_cents = demand.amount_cents if payment is None else payment.amount_cents
    if fact.amount_cents < paid_cents:
        log.warning("Refunded in part", reference=fact.reference)
        return
    if payment is None:
        raise TryAgain
    await refunded(session, locked, payment, now)
