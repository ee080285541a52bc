"""A provider says that money has come: whether it confirms, and whether it stays."""

from datetime import datetime

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from chassis.runtime import Runtime
from contracts.scheduling import AppointmentConfirmed, DepositPaid
from contracts.scheduling import Receipt as ReceiptSnapshot
from payments.provider import Fact
from scheduling.appointments.announcing import announce, show, snapshot
from scheduling.appointments.models import OPEN, Status
from scheduling.claims import commands as claims
from scheduling.deposits.locking import Locked
from scheduling.deposits.models import Deposit, Payment, RefundCause
from scheduling.deposits.receipts import issue
from scheduling.deposits.releasing import release

log = structlog.get_logger()


async def take_payment(
    session: AsyncSession, runtime: Runtime, provider: str, fact: Fact, locked: Locked
) -> None:
    """Once for each payment, under the appointment's lock, by the clock as it stands then."""
    now = runtime.clock()
    payment = await record(session, provider, fact, locked.deposit, now)
    if payment is None:
        return
    cause = await why_not_kept(session, fact, locked, now)
    if cause is None:
        await keep(session, locked, payment, now)
        return
    log.warning("Paid, and given back", cause=cause, appointment=locked.appointment.id)
    if cause == RefundCause.PAID_TOO_LATE:
        await release(session, locked, now)
        locked.appointment.deposit_becomes("refund_due")
        # A version later than what was announced, or than what was told if it was let go before.
        await session.flush()
        await show(session, locked.appointment, now)
    payment.give_back(cause, now)
    await issue(session, "payment", payment, locked.appointment, now)


async def record(
    session: AsyncSession, provider: str, fact: Fact, deposit: Deposit, now: datetime
) -> Payment | None:
    """None for what is no payment, or has been told before."""
    if fact.payment_id is None:
        return None
    told = insert(Payment).values(
        business_id=deposit.business_id,
        deposit_id=deposit.id,
        provider=provider,
        provider_id=fact.payment_id,
        amount_cents=fact.amount_cents,
        currency=fact.currency,
        paid_at=now,
    )
    payment: Payment | None = await session.scalar(
        told.on_conflict_do_nothing(constraint="one_row_a_payment").returning(Payment)
    )
    return payment


async def why_not_kept(
    session: AsyncSession, fact: Fact, locked: Locked, now: datetime
) -> RefundCause | None:
    """Paid until the deadline it keeps the time, and from then on it comes too late.

    Also where somebody else's booking, by a clock that is ahead of ours, has the time already.
    """
    appointment, deposit, business = locked
    if (fact.amount_cents, fact.currency) != (deposit.amount_cents, deposit.currency):
        return RefundCause.NOT_OWED
    if appointment.deposit_status in ("paid", "forfeited"):
        return RefundCause.NOT_OWED
    expired = appointment.pay_by is not None and now >= appointment.pay_by
    if appointment.status not in OPEN or expired:
        return RefundCause.PAID_TOO_LATE
    if not await claims.keep(session, business.id, appointment.id):
        return RefundCause.PAID_TOO_LATE
    return None


async def keep(session: AsyncSession, locked: Locked, payment: Payment, now: datetime) -> None:
    appointment, deposit, business = locked
    deposit.release_at = None
    appointment.deposit_becomes("paid")
    confirms = deposit.confirms and appointment.status == Status.PENDING
    if confirms:
        appointment.confirm()
    receipt = await issue(session, "payment", payment, appointment, now)
    told = ReceiptSnapshot.model_validate(receipt)
    if not confirms:
        await announce(session, appointment, business, DepositPaid, now, receipt=told)
        return
    await announce(session, appointment, business, AppointmentConfirmed, now)
    paid = DepositPaid(
        occurred_at=now,
        business_id=business.id,
        appointment=snapshot(appointment, business),
        receipt=told,
    )
    publish_on_commit(session, paid)
