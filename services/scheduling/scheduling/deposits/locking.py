"""A deposit is decided under the lock of its appointment, whoever decides."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from scheduling.appointments.models import Appointment
from scheduling.copies.models import Business
from scheduling.deposits.models import Deposit
from scheduling.due_rows import Key


class Locked(NamedTuple):
    appointment: Appointment
    deposit: Deposit
    business: Business


async def lock(session: AsyncSession, key: Key, *, wait: bool = True) -> Locked | None:
    """None for a deposit that does not exist, or that somebody else decides and nobody waits for.

    From here on the transaction is in the deposit's business.
    """
    business_id, id_ = key
    await enter_business(session, business_id)
    appointment = await session.scalar(
        select(Appointment)
        .where(Appointment.business_id == business_id, Appointment.id == id_)
        .with_for_update(key_share=True, skip_locked=not wait)
    )
    if appointment is None:
        return None
    deposit = await session.get(Deposit, key, populate_existing=True)
    if deposit is None:
        return None
    business = await session.get_one(Business, (business_id, business_id))
    return Locked(appointment, deposit, business)
