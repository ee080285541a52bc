"""The provider's page to pay on: made when somebody asks, ended when it is over."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction
from chassis.due_rows import Due, Key
from chassis.runtime import Runtime
from payments.choice import provider_for
from payments.link import Link
from payments.models import Demand
from payments.problems import NotAwaited, NotPaidHere, PaymentRefused
from payments.provider import Checkout, StartedCheckout
from payments.queries import demand_of
from payments.reference import reference_of
from payments.till import Till

ASKED_AGAIN = timedelta(minutes=1)


async def open_checkout(till: Till, runtime: Runtime, link: Link, return_path: str | None) -> str:
    """Where it is paid; asked for again, it is the same. No transaction waits for the provider."""
    provider = provider_for(runtime)
    if provider is None:
        raise NotPaidHere
    read = partial(read_awaited, till, runtime, link, return_path)
    demand = await in_transaction(runtime.sessions, read)
    if demand.checkout_url is not None:
        return demand.checkout_url
    started = await provider.start(described(till, runtime, demand, link))
    keep_it = partial(keep_checkout, till, runtime, link, started)
    refusal = await in_transaction(runtime.sessions, keep_it)
    if refusal is not None:
        raise refusal
    return started.url


async def read_awaited(
    till: Till, runtime: Runtime, link: Link, return_path: str | None, session: AsyncSession
) -> Demand:
    """Who asks first decides what is asked: under one key a provider takes nothing else."""
    await demand_of(session, till.demand, link)
    locked = await till.lock(session, link.key)
    assert locked is not None
    demand = locked.demand
    if not demand.is_awaited(runtime.clock()):
        raise locked.not_awaited()
    if demand.checkout_title is None:
        demand.checkout_title, demand.checkout_email = locked.title, locked.email
        demand.checkout_return_path = return_path
    return demand


async def keep_checkout(
    till: Till, runtime: Runtime, link: Link, started: StartedCheckout, session: AsyncSession
) -> NotAwaited | None:
    """Let go meanwhile, it is kept all the same, so that it is ended."""
    locked = await till.lock(session, link.key)
    assert locked is not None
    demand, now = locked.demand, runtime.clock()
    demand.checkout_id, demand.checkout_url = started.id, started.url
    if demand.is_awaited(now):
        return None
    demand.close_at = now
    return locked.not_awaited()


def described(till: Till, runtime: Runtime, demand: Demand, link: Link) -> Checkout:
    assert demand.release_at is not None
    assert demand.checkout_title is not None
    way_back = demand.checkout_return_path or f"{till.path}/{link.secret}"
    back = runtime.settings.public_url + way_back
    return Checkout(
        reference=reference_of(till.word, demand.business_id, demand.id),
        amount_cents=demand.amount_cents,
        currency=demand.currency,
        title=demand.checkout_title,
        email=demand.checkout_email,
        paid_url=back,
        left_url=back,
        ends_at=demand.release_at,
    )


def close_what_is_over(till: Till) -> Due:
    async def close_checkout(runtime: Runtime, key: Key) -> None:
        """Asked again in a minute until it has answered; a quicker payment is given back."""
        provider = provider_for(runtime)
        begin = partial(begin_closing, till, runtime, key)
        checkout_id = await in_transaction(runtime.sessions, begin)
        if checkout_id is None or provider is None:
            return
        # Refused where nothing of the kind is open there.
        with suppress(PaymentRefused):
            await provider.end(checkout_id)
        await in_transaction(runtime.sessions, partial(finish_closing, till, key))

    return Due(till.demand.close_at, close_checkout)


async def begin_closing(
    till: Till, runtime: Runtime, key: Key, session: AsyncSession
) -> str | None:
    locked = await till.lock(session, key, wait=False)
    now = runtime.clock()
    if locked is None or locked.demand.close_at is None or now < locked.demand.close_at:
        return None
    locked.demand.close_at = now + ASKED_AGAIN
    return locked.demand.checkout_id


async def finish_closing(till: Till, key: Key, session: AsyncSession) -> None:
    locked = await till.lock(session, key)
    assert locked is not None
    locked.demand.close_at = None
