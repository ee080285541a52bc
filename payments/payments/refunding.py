"""Money goes back: the provider is asked until it is done, always by the same reference."""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import failpoints
from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.runtime import Runtime
from payments.choice import provider_for
from payments.models import RefundCause, TakenPayment
from payments.problems import PaymentRefused, ProviderUnreachable
from payments.provider import Refund
from payments.till import Locked, Till

log = structlog.get_logger()


async def give_back_what_was_kept(
    session: AsyncSession, table: type[TakenPayment], key: Key, cause: RefundCause, now: datetime
) -> None:
    """All that came for this demand and stays with us so far; the worker does it. Lock it first."""
    business_id, demand_id = key
    kept = await session.scalars(
        select(table).where(
            table.business_id == business_id,
            table.demand_id == demand_id,
            table.refund_cause.is_(None),
            table.refunded_at.is_(None),
        )
    )
    for payment in kept:
        payment.give_back(cause, now)


def give_back_what_is_due(till: Till) -> Due:
    async def give_back(runtime: Runtime, key: Key) -> None:
        """No transaction is open while the provider is asked; a crash there means asking again."""
        begin = partial(begin_attempt, till, runtime, key)
        payment = await in_transaction(runtime.sessions, begin)
        if payment is not None and await is_given_back(runtime, payment):
            finish = partial(finish_attempt, till, runtime, payment.demand_id, key)
            await in_transaction(runtime.sessions, finish)

    return Due(till.payment.refund_at, give_back)


async def begin_attempt(
    till: Till, runtime: Runtime, key: Key, session: AsyncSession
) -> TakenPayment | None:
    await enter_business(session, key[0])
    payment = await session.scalar(
        select(till.payment)
        .where(till.payment.business_id == key[0], till.payment.id == key[1])
        .with_for_update(skip_locked=True)
    )
    now = runtime.clock()
    if payment is None or payment.refund_at is None or now < payment.refund_at:
        return None
    payment.attempt(now)
    return payment


async def is_given_back(runtime: Runtime, payment: TakenPayment) -> bool:
    provider = provider_for(runtime)
    if provider is None or provider.name != payment.provider:
        log.error("Nobody to ask for a refund", provider=payment.provider, payment=payment.id)
        return False
    refund = Refund(
        reference=str(payment.id),
        payment_id=payment.provider_id,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
    )
    try:
        await provider.refund(refund)
        await failpoints.reach("after-refund")
    except (ProviderUnreachable, PaymentRefused) as problem:
        log.error("Not refunded yet", payment=payment.id, exc_info=problem)  # noqa: TRY400
        return False
    return True


async def finish_attempt(
    till: Till, runtime: Runtime, demand_id: UUID, key: Key, session: AsyncSession
) -> None:
    locked = await till.lock(session, (key[0], demand_id))
    assert locked is not None
    payment = await session.get_one(till.payment, key, with_for_update=True)
    await refunded(session, locked, payment, runtime.clock())


async def refunded(
    session: AsyncSession, locked: Locked, payment: TakenPayment, now: datetime
) -> None:
    """The money is back, whoever said so first: our own call or the provider's message."""
    if payment.refunded_at is not None:
        return
    payment.refund_at, payment.refunded_at = None, now
    payment.refund_cause = payment.refund_cause or RefundCause.BY_HAND
    await locked.refunded(session, payment, now)
