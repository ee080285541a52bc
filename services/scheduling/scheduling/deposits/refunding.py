"""Money goes back: the provider is asked until it is done, always by the same reference."""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import failpoints
from chassis.database import enter_business, in_transaction
from chassis.runtime import Runtime
from contracts.scheduling import DepositRefunded
from contracts.scheduling import Receipt as ReceiptSnapshot
from payments.problems import PaymentRefused, ProviderUnreachable
from payments.provider import Refund
from scheduling.appointments.announcing import announce
from scheduling.deposits.asking import provider_for
from scheduling.deposits.locking import Locked, lock
from scheduling.deposits.models import Payment, RefundCause
from scheduling.deposits.receipts import issue
from scheduling.due_rows import Key, whenever_due

log = structlog.get_logger()


async def give_back(runtime: Runtime, key: Key) -> None:
    """No transaction is open while the provider is asked; a crash there means asking again."""
    provider = provider_for(runtime)
    payment = await in_transaction(runtime.sessions, partial(begin_attempt, runtime, key))
    if payment is None:
        return
    if provider is None or provider.name != payment.provider:
        log.error("Nobody to ask for a refund", provider=payment.provider, payment=payment.id)
        return
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
    else:
        done = partial(finish_attempt, runtime, payment.deposit_id, key)
        await in_transaction(runtime.sessions, done)


async def begin_attempt(runtime: Runtime, key: Key, session: AsyncSession) -> Payment | None:
    await enter_business(session, key[0])
    payment = await session.scalar(
        select(Payment)
        .where(Payment.business_id == key[0], Payment.id == key[1])
        .with_for_update(skip_locked=True)
    )
    now = runtime.clock()
    if payment is None or payment.refund_at is None or now < payment.refund_at:
        return None
    payment.attempt(now)
    return payment


async def finish_attempt(
    runtime: Runtime, deposit_id: UUID, key: Key, session: AsyncSession
) -> None:
    locked = await lock(session, (key[0], deposit_id))
    assert locked is not None
    payment = await session.get_one(Payment, key, with_for_update=True)
    await refunded(session, locked, payment, runtime.clock())


async def refunded(session: AsyncSession, locked: Locked, payment: Payment, now: datetime) -> None:
    """The money is back, whoever said so first: our own call or the provider's message."""
    if payment.refunded_at is not None:
        return
    payment.refund_at, payment.refunded_at = None, now
    payment.refund_cause = payment.refund_cause or RefundCause.BY_THE_STUDIO
    appointment, _, business = locked
    receipt = await issue(session, "refund", payment, appointment, now)
    if appointment.deposit_status in ("refund_due", "paid") and is_the_deposit(payment):
        appointment.deposit_becomes("refunded")
    await announce(
        session,
        appointment,
        business,
        DepositRefunded,
        now,
        receipt=ReceiptSnapshot.model_validate(receipt),
        cause=payment.refund_cause,
    )


def is_the_deposit(payment: Payment) -> bool:
    return payment.refund_cause != RefundCause.NOT_OWED


give_back_what_is_due = whenever_due(Payment.refund_at, give_back)
