"""The provider's page to pay a deposit on: made when somebody asks, ended when it is over."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction
from chassis.runtime import Runtime
from payments.problems import PaymentRefused
from payments.provider import Checkout, StartedCheckout
from scheduling.deposits.asking import provider_for
from scheduling.deposits.link import Link
from scheduling.deposits.locking import Locked, lock
from scheduling.deposits.models import Deposit
from scheduling.deposits.problems import DepositNotAwaited, NotPaidHere
from scheduling.deposits.queries import named_deposit
from scheduling.deposits.reference import reference_of
from scheduling.due_rows import Key, whenever_due

ASKED_AGAIN = timedelta(minutes=1)


async def open_checkout(runtime: Runtime, link: Link, return_path: str | None) -> str:
    """Where it is paid; asked for again, it is the same. No transaction waits for the provider."""
    provider = provider_for(runtime)
    if provider is None:
        raise NotPaidHere
    locked = await in_transaction(
        runtime.sessions, partial(read_awaited, runtime, link, return_path)
    )
    if locked.deposit.checkout_url is not None:
        return locked.deposit.checkout_url
    started = await provider.start(described(runtime, locked, link))
    keep_it = partial(keep_checkout, runtime, link, started)
    refusal = await in_transaction(runtime.sessions, keep_it)
    if refusal is not None:
        raise refusal
    return started.url


async def read_awaited(
    runtime: Runtime, link: Link, return_path: str | None, session: AsyncSession
) -> Locked:
    """Who asks first decides what is asked: under one key a provider takes nothing else."""
    await named_deposit(session, link)
    locked = await lock(session, (link.business_id, link.deposit_id))
    assert locked is not None
    if refusal := why_not_paid(locked, runtime.clock()):
        raise refusal
    appointment, deposit, business = locked
    if deposit.checkout_title is None:
        deposit.checkout_title = f"{appointment.service_name}, {business.name}"
        deposit.checkout_email = appointment.customer_email
        deposit.checkout_return_path = return_path
    return locked


def why_not_paid(locked: Locked, now: datetime) -> DepositNotAwaited | None:
    appointment = locked.appointment
    awaited = appointment.deposit_status == "awaited"
    if awaited and appointment.pay_by is not None and now < appointment.pay_by:
        return None
    return DepositNotAwaited(
        deposit_status=appointment.deposit_status, appointment_status=appointment.status
    )


async def keep_checkout(
    runtime: Runtime, link: Link, started: StartedCheckout, session: AsyncSession
) -> DepositNotAwaited | None:
    """Let go meanwhile, it is kept all the same, so that it is ended."""
    locked = await lock(session, (link.business_id, link.deposit_id))
    assert locked is not None
    now = runtime.clock()
    locked.deposit.checkout_id, locked.deposit.checkout_url = started.id, started.url
    refusal = why_not_paid(locked, now)
    if refusal and locked.appointment.deposit_status != "paid":
        locked.deposit.close_at = now
    return refusal


def described(runtime: Runtime, locked: Locked, link: Link) -> Checkout:
    appointment, deposit, _ = locked
    assert appointment.pay_by is not None
    assert deposit.checkout_title is not None
    public_url = runtime.settings.public_url
    back = public_url + (deposit.checkout_return_path or f"/api/public/deposits/{link.secret}")
    return Checkout(
        reference=reference_of(deposit.business_id, deposit.id),
        amount_cents=deposit.amount_cents,
        currency=deposit.currency,
        title=deposit.checkout_title,
        email=deposit.checkout_email,
        paid_url=back,
        left_url=back,
        ends_at=appointment.pay_by,
    )


async def close_checkout(runtime: Runtime, key: Key) -> None:
    """Asked again in a minute until it has answered; a payment that is quicker is given back."""
    provider = provider_for(runtime)
    checkout_id = await in_transaction(runtime.sessions, partial(begin_closing, runtime, key))
    if checkout_id is None or provider is None:
        return
    # Refused where nothing of the kind is open there.
    with suppress(PaymentRefused):
        await provider.end(checkout_id)
    await in_transaction(runtime.sessions, partial(finish_closing, key))


async def begin_closing(runtime: Runtime, key: Key, session: AsyncSession) -> str | None:
    locked = await lock(session, key, wait=False)
    now = runtime.clock()
    if locked is None or locked.deposit.close_at is None or now < locked.deposit.close_at:
        return None
    locked.deposit.close_at = now + ASKED_AGAIN
    return locked.deposit.checkout_id


async def finish_closing(key: Key, session: AsyncSession) -> None:
    locked = await lock(session, key)
    assert locked is not None
    locked.deposit.close_at = None


close_what_is_over = whenever_due(Deposit.close_at, close_checkout)
