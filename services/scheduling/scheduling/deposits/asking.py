"""What a guest has to pay before a booking stands, and until when."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.runtime import Runtime
from payments.choice import provider_for
from payments.till import Links
from scheduling.appointments.models import Appointment
from scheduling.copies.models import BookingPage, Service
from scheduling.deposits.amount import deposit_cents, policy_for
from scheduling.deposits.models import Deposit
from scheduling.deposits.till import TILL
from scheduling.settings import SchedulingSettings


class Terms(NamedTuple):
    cents: int
    pay_by: datetime | None
    """Absent where nothing is asked."""


def terms_of(runtime: Runtime, page: BookingPage, service: Service, now: datetime) -> Terms:
    """Where nobody takes payments nothing is asked: the guest pays at the studio."""
    policy = policy_for(page.deposit, service.deposit, service.deposit_cents)
    cents = deposit_cents(policy, service.price_cents)
    if not cents or provider_for(runtime) is None:
        return Terms(0, None)
    return Terms(cents, pay_by(runtime, now))


def pay_by(runtime: Runtime, now: datetime) -> datetime:
    assert isinstance(runtime.settings, SchedulingSettings)
    return now + timedelta(minutes=runtime.settings.deposit_minutes)


async def ask(
    session: AsyncSession, runtime: Runtime, appointment: Appointment, *, confirms: bool
) -> Links | None:
    """Where the guest pays; None where nothing is asked. The link is told now and never again."""
    if appointment.pay_by is None:
        return None
    # The deposit refers to its appointment.
    await session.flush()
    deposit = Deposit(
        business_id=appointment.business_id,
        id=appointment.id,
        amount_cents=appointment.deposit_cents,
        currency=appointment.currency,
        confirms=confirms,
        release_at=appointment.pay_by,
    )
    link = deposit.give_link()
    session.add(deposit)
    return TILL.links(runtime, link)
