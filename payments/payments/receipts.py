"""Receipts: numbered per business, one after the other, without gaps."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from payments.models import ReceiptCount


async def next_number(session: AsyncSession, table: type[ReceiptCount], business_id: UUID) -> int:
    """Late in a transaction: every other receipt of the business waits until it has ended.

    A sequence would lose the numbers of those who roll back; a row that is locked does not.
    """
    first = insert(table).values(business_id=business_id, last_number=1)
    counted = first.on_conflict_do_update(
        index_elements=[table.business_id], set_={"last_number": table.last_number + 1}
    )
    number: int = (await session.scalars(counted.returning(table.last_number))).one()
    return number
