"""What a guest has to pay before a booking stands, and until when."""

from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.runtime import Runtime
from payments.choice import provider_of
from payments.provider import Provider
from scheduling.appointments.models import Appointment
from scheduling.copies.models import BookingPage, Service
from scheduling.deposits.amount import deposit_cents, policy_for
from scheduling.deposits.link import new_link
from scheduling.deposits.models import Deposit
from scheduling.settings import SchedulingSettings


class Terms(NamedTuple):
    cents: int
    pay_by: datetime | None
    """Absent where nothing is asked."""


class Links(NamedTuple):
    checkout_url: str
    """For a page that asks, with POST, for the provider's page."""
    pay_url: str
    """For a mail: a browser that opens it is sent to the provider's page."""


def settings_of(runtime: Runtime) -> SchedulingSettings:
    assert isinstance(runtime.settings, SchedulingSettings)
    return runtime.settings


@cache
def _provider(settings: SchedulingSettings) -> Provider | None:
    return provider_of(settings)


def provider_for(runtime: Runtime) -> Provider | None:
    return _provider(settings_of(runtime))


def terms_of(runtime: Runtime, page: BookingPage, service: Service, now: datetime) -> Terms:
    """Where nobody takes payments nothing is asked: the guest pays at the studio."""
    policy = policy_for(page.deposit, service.deposit, service.deposit_cents)
    cents = deposit_cents(policy, service.price_cents)
    if not cents or provider_for(runtime) is None:
        return Terms(0, None)
    return Terms(cents, now + timedelta(minutes=settings_of(runtime).deposit_minutes))


async def ask(
    session: AsyncSession, runtime: Runtime, appointment: Appointment, *, confirms: bool
) -> Links | None:
    """Where the guest pays; None where nothing is asked. The link is told now and never again."""
    if appointment.pay_by is None:
        return None
    link = new_link(appointment.business_id, appointment.id)
    # The deposit refers to its appointment.
    await session.flush()
    session.add(
        Deposit(
            business_id=appointment.business_id,
            id=appointment.id,
            amount_cents=appointment.deposit_cents,
            currency=appointment.currency,
            link_digest=link.digest,
            confirms=confirms,
            release_at=appointment.pay_by,
            checkout_title=None,
            checkout_email=None,
            checkout_return_path=None,
            checkout_id=None,
            checkout_url=None,
            close_at=None,
        )
    )
    place = f"{runtime.settings.public_url}/api/public/deposits/{link.secret}"
    return Links(f"{place}/checkout", f"{place}/pay")
