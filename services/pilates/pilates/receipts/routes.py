from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chassis.auth import Allow, Principal
from chassis.http import Router, Session, problems
from chassis.pages import Page
from chassis.problems import NotFound
from contracts.permissions import Permission
from pilates.receipts import queries
from pilates.receipts.models import Receipt
from pilates.receipts.schemas import ReceiptFilter, ReceiptView

router = Router(prefix="/api/class-receipts", tags=["packages"])

Bookkeeper = Annotated[Principal, Depends(Allow(Permission.VIEW_FINANCIALS))]


@router.get("", response_model=Page[ReceiptView])
async def list_class_receipts(
    caller: Bookkeeper, session: Session, wanted: Annotated[ReceiptFilter, Query()]
) -> dict[str, object]:
    """Of packages and places, in the order of their numbers."""
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/{receipt_id}", response_model=ReceiptView, responses=problems(NotFound))
async def read_class_receipt(receipt_id: UUID, caller: Bookkeeper, session: Session) -> Receipt:
    return await queries.read(session, caller.business_id, receipt_id)
