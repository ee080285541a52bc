"""What becomes of a deposit when its appointment ends before its time, or stands without it."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from payments.models import RefundCause
from payments.refunding import give_back_what_was_kept
from scheduling.appointments.models import Appointment
from scheduling.copies.models import Service
from scheduling.deposits.models import Deposit, Payment


async def settle_deposit(
    session: AsyncSession,
    appointment: Appointment,
    cancelled_by: Literal["business", "customer"],
    now: datetime,
) -> None:
    """Of an appointment that is being cancelled, under its lock and before it is announced.

    The studio always gives it back; to the customer it is given back until the service's
    cancellation window begins, and forfeited from then on.
    """
    if appointment.deposit_status == "awaited":
        await waive_deposit(session, appointment, now)
    if appointment.deposit_status != "paid":
        return
    if cancelled_by == "customer" and not await in_time(session, appointment, now):
        appointment.deposit_becomes("forfeited")
        return
    appointment.deposit_becomes("refund_due")
    key = (appointment.business_id, appointment.id)
    await give_back_what_was_kept(session, Payment, key, RefundCause.CANCELLED, now)


async def waive_deposit(session: AsyncSession, appointment: Appointment, now: datetime) -> None:
    """It is not awaited any more; what is paid all the same is welcome if the appointment is on."""
    if appointment.deposit_status == "awaited":
        deposit = await session.get_one(Deposit, (appointment.business_id, appointment.id))
        deposit.forget(now)
        appointment.deposit_becomes("none")


async def in_time(session: AsyncSession, appointment: Appointment, now: datetime) -> bool:
    key = (appointment.business_id, appointment.service_id)
    service = await session.get_one(Service, key)
    window = timedelta(minutes=service.cancellation_window_minutes)
    return now <= appointment.starts_at - window
