from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chassis.auth import Allow, Principal, public
from chassis.http import Router, Session, problems
from chassis.pages import Page
from chassis.problems import NotFound
from contracts.permissions import Permission
from payments.browsers import said_by_accept
from payments.queries import link_in
from payments.routes import payers_doors, payers_page, providers_door
from scheduling.deposits import queries
from scheduling.deposits.models import Receipt
from scheduling.deposits.problems import DepositNotAwaited
from scheduling.deposits.schemas import DepositView, ReceiptFilter, ReceiptView
from scheduling.deposits.till import TILL

router = Router(tags=["deposits"])
router.include_router(payers_page(TILL))
paying = payers_doors(TILL, "deposits", DepositNotAwaited)
hearing = providers_door(TILL, "/api/webhooks/payments", "deposits")

Bookkeeper = Annotated[Principal, Depends(Allow(Permission.VIEW_FINANCIALS))]


@router.get(
    "/api/public/deposits/{secret}",
    dependencies=[Depends(public), Depends(said_by_accept)],
    responses=problems(NotFound),
)
async def read_deposit(secret: str, session: Session) -> DepositView:
    return await queries.read_deposit(session, link_in(secret))


@router.get("/api/receipts", response_model=Page[ReceiptView])
async def list_receipts(
    caller: Bookkeeper, session: Session, wanted: Annotated[ReceiptFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find_receipts(session, caller, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/api/receipts/{receipt_id}", response_model=ReceiptView, responses=problems(NotFound))
async def read_receipt(receipt_id: UUID, caller: Bookkeeper, session: Session) -> Receipt:
    return await queries.read_receipt(session, caller, receipt_id)
