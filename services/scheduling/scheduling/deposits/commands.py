import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import TryAgain
from chassis.runtime import Runtime
from payments.provider import Fact
from scheduling.deposits.locking import Locked, lock
from scheduling.deposits.models import Payment
from scheduling.deposits.paying import take_payment
from scheduling.deposits.reference import named_by
from scheduling.deposits.refunding import refunded

log = structlog.get_logger()


async def hear(session: AsyncSession, runtime: Runtime, provider: str, fact: Fact) -> None:
    """A provider's message, however often and in whatever order they come: one effect."""
    key = named_by(fact.reference)
    locked = await lock(session, key) if key else None
    if locked is None:
        log.info("Told of what is no deposit of ours", provider=provider, kind=fact.kind)
    elif fact.kind == "paid":
        await take_payment(session, runtime, provider, fact, locked)
    elif fact.kind == "refunded":
        await hear_of_refund(session, runtime, provider, fact, locked)
    elif fact.checkout_id == locked.deposit.checkout_id:
        locked.deposit.close_at = None


async def hear_of_refund(
    session: AsyncSession, runtime: Runtime, provider: str, fact: Fact, locked: Locked
) -> None:
    """Also of one that the studio has made at the provider, without us.

    Raises TryAgain if all is back before we heard that it was paid: refused, the message comes
    again, and finds the payment then. Heard, it would be gone.
    """
    payment = await session.scalar(
        select(Payment)
        .where(
            Payment.business_id == locked.business.id,
            Payment.deposit_id == locked.deposit.id,
            Payment.provider == provider,
            Payment.provider_id == fact.payment_id,
        )
        .with_for_update()
    )
    paid_cents = locked.deposit.amount_cents if payment is None else payment.amount_cents
    if fact.amount_cents < paid_cents:
        log.warning("Refunded in part", reference=fact.reference)
        return
    if payment is None:
        raise TryAgain
    await refunded(session, locked, payment, runtime.clock())
