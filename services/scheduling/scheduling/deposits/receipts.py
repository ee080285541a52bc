"""Receipts: numbered per business, one after the other, without gaps."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.appointments.models import Appointment
from scheduling.deposits.models import Payment, Receipt, ReceiptCounter


async def issue(
    session: AsyncSession,
    kind: Literal["payment", "refund"],
    payment: Payment,
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
    """A sequence would lose the numbers of those who roll back; a row that is locked does not."""
    first = insert(ReceiptCounter).values(business_id=business_id, last_number=1)
    counted = first.on_conflict_do_update(
        index_elements=[ReceiptCounter.business_id],
        set_={"last_number": ReceiptCounter.last_number + 1},
    )
    number: int = (await session.scalars(counted.returning(ReceiptCounter.last_number))).one()
    return number
