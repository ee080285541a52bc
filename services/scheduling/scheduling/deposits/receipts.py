"""Receipts: numbered per business, one after the other, without gaps."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from payments import receipts
from payments.models import TakenPayment
from scheduling.appointments.models import Appointment
from scheduling.deposits.models import Receipt, ReceiptCounter


async def issue(
    session: AsyncSession,
    kind: Literal["payment", "refund"],
    payment: TakenPayment,
    appointment: Appointment,
    now: datetime,
) -> Receipt:
    """Late in a transaction: every other payment of the business waits until it has ended.

    Behind this lock only the rows of the appointment itself are locked, as its text for feeds.
    """
    receipt = Receipt(
        business_id=payment.business_id,
        number=await next_number(session, payment.business_id),
        kind=kind,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        issued_at=now,
        payment_id=payment.id,
        appointment_id=appointment.id,
        customer_name=appointment.customer_name,
        service_name=appointment.service_name,
    )
    session.add(receipt)
    await session.flush()
    return receipt


async def next_number(session: AsyncSession, business_id: UUID) -> int:
    return await receipts.next_number(session, ReceiptCounter, business_id)
