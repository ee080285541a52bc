from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import read_page
from chassis.problems import NotFound
from pilates.receipts.models import Receipt
from pilates.receipts.schemas import ReceiptFilter


async def find(
    session: AsyncSession, business_id: UUID, wanted: ReceiptFilter
) -> tuple[list[Receipt], str | None]:
    receipts = select(Receipt).where(Receipt.business_id == business_id)
    for name in ("customer_id", "package_id", "attendance_id", "kind"):
        if (value := getattr(wanted, name)) is not None:
            receipts = receipts.where(getattr(Receipt, name) == value)
    return await read_page(session, receipts, (Receipt.number,), wanted)


async def read(session: AsyncSession, business_id: UUID, receipt_id: UUID) -> Receipt:
    receipt = await session.get(Receipt, (business_id, receipt_id))
    if receipt is None:
        raise NotFound
    return receipt
