"""Receipts of classes and packages: one series per business, without gaps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.receipts import Receipt as ReceiptSnapshot
from payments.receipts import next_number
from pilates.receipts.models import Receipt, ReceiptCounter


@dataclass(frozen=True)
class Paid:
    """What the money is for, and whose it is."""

    amount_cents: int
    currency: str
    paid_with: str
    about: str
    customer_id: UUID | None
    customer_name: str
    package_id: UUID | None = None
    attendance_id: UUID | None = None
    payment_id: UUID | None = None


async def issue(
    session: AsyncSession,
    business_id: UUID,
    kind: Literal["payment", "refund"],
    paid: Paid,
    now: datetime,
) -> Receipt:
    """Late in a transaction: every other receipt of the business waits until it has ended."""
    receipt = Receipt(
        business_id=business_id,
        number=await next_number(session, ReceiptCounter, business_id),
        kind=kind,
        issued_at=now,
        **vars(paid),
    )
    session.add(receipt)
    await session.flush()
    return receipt


def snapshot(receipt: Receipt) -> ReceiptSnapshot:
    return ReceiptSnapshot.model_validate(receipt)
