"""What has to be paid before places stand, and until when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.runtime import Runtime
from payments.choice import provider_for
from pilates.attendances.booking import Payment
from pilates.attendances.holding import HeldSession
from pilates.attendances.models import Attendance, PaidWith
from pilates.drop_ins.models import DropIn
from pilates.drop_ins.till import TILL
from pilates.settings import PilatesSettings


class Asked(NamedTuple):
    """Absent where nothing is asked. Links are told now and never again."""

    checkout_url: str | None = None
    pay_url: str | None = None
    pay_cents: int | None = None

    @property
    def told(self) -> dict[str, Any]:
        """To the payer, with the place."""
        return {"pay_url": self.pay_url, "pay_cents": self.pay_cents}


def in_money(held: HeldSession, runtime: Runtime, now: datetime) -> Payment:
    """Where nobody takes payments nothing is asked: it is paid at the studio."""
    if not held.row.price_cents:
        return Payment(PaidWith.NOTHING)
    if provider_for(runtime) is None:
        return Payment(PaidWith.AT_STUDIO)
    assert isinstance(runtime.settings, PilatesSettings)
    pay_by = now + timedelta(minutes=runtime.settings.drop_in_minutes)
    return Payment(PaidWith.DROP_IN, pay_by)


def ask(
    session: AsyncSession, runtime: Runtime, held: HeldSession, party: Sequence[Attendance]
) -> Asked:
    """Where the first of them pays for all."""
    payer = party[0]
    if payer.pay_by is None:
        return Asked()
    drop_in = DropIn(
        business_id=payer.business_id,
        id=payer.party_id,
        attendance_id=payer.id,
        amount_cents=sum(place.price_cents for place in party),
        currency=held.business.currency,
        release_at=payer.pay_by,
    )
    link = drop_in.give_link()
    session.add(drop_in)
    return Asked(*TILL.links(runtime, link), drop_in.amount_cents)
