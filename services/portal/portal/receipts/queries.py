from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import cursor, position
from chassis.problems import NotFound
from portal.portal_sessions.queries import Client
from portal.receipts.models import Receipt
from portal.receipts.schemas import Issuer, ReceiptFilter, ReceiptPage, ReceiptRead

ORDER = (Receipt.issued_at, Receipt.id)


def of_client(client: Client) -> Select[Receipt]:
    return select(Receipt).where(
        Receipt.business_id == client.business_id, Receipt.customer_id == client.id
    )


async def find(
    session: AsyncSession, client: Client, wanted: ReceiptFilter
) -> tuple[Sequence[Receipt], str | None]:
    """The newest first."""
    found = of_client(client)
    if wanted.cursor is not None:
        found = found.where(tuple_(*ORDER) < tuple_(*position(wanted.cursor, ORDER)))
    directed = found.order_by(*(column.desc() for column in ORDER)).limit(wanted.limit + 1)
    rows = (await session.scalars(directed)).all()
    if len(rows) <= wanted.limit:
        return rows, None
    rows = rows[: wanted.limit]
    return rows, cursor([rows[-1].issued_at, rows[-1].id])


async def read(session: AsyncSession, client: Client, receipt_id: UUID) -> ReceiptPage:
    found = await session.scalar(of_client(client).where(Receipt.id == receipt_id))
    if found is None:
        raise NotFound
    return page(found, client)


async def everything(session: AsyncSession, client: Client) -> list[ReceiptPage]:
    return [page(one, client) for one in await session.scalars(of_client(client).order_by(*ORDER))]


def page(found: Receipt, client: Client) -> ReceiptPage:
    """With the business as it was then; of what was heard before it was known, as it is."""
    now = client.business
    then = found.issuer or {"name": now.name, "email": now.email, "billing": now.billing}
    billing = then["billing"] or {}
    issuer = Issuer(
        name=then["name"],
        email=then["email"],
        legal_name=billing.get("legal_name"),
        address=billing.get("address") or "",
        tax_number=billing.get("tax_number"),
    )
    seen = ReceiptRead.model_validate(found).model_dump()
    return ReceiptPage(**seen, issuer=issuer, time_zone=now.time_zone)
