from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from chassis.auth import Allow, Principal, public
from chassis.http import Process, Router, Session, problems
from chassis.pages import Page
from chassis.problems import NotFound, TryAgain
from contracts.permissions import Permission
from payments.problems import Forged, PaymentRefused, ProviderUnreachable
from scheduling.deposits import commands, queries
from scheduling.deposits.asking import provider_for
from scheduling.deposits.checkouts import open_checkout
from scheduling.deposits.models import Receipt
from scheduling.deposits.problems import DepositNotAwaited, NotPaidHere
from scheduling.deposits.schemas import (
    CheckoutRequest,
    CheckoutView,
    DepositView,
    ReceiptFilter,
    ReceiptView,
    WebhookHeard,
)

router = Router(tags=["deposits"])
checkout_router = APIRouter(tags=["deposits"])
"""Without a transaction of its own: none must wait for a payment provider."""

Bookkeeper = Annotated[Principal, Depends(Allow(Permission.VIEW_FINANCIALS))]


@router.get(
    "/api/public/deposits/{secret}",
    dependencies=[Depends(public)],
    responses=problems(NotFound),
)
async def read_deposit(secret: str, session: Session) -> DepositView:
    return await queries.read_deposit(session, queries.link_in(secret))


@checkout_router.post(
    "/api/public/deposits/{secret}/checkout",
    dependencies=[Depends(public)],
    responses=problems(
        NotFound, DepositNotAwaited, PaymentRefused, ProviderUnreachable, NotPaidHere
    ),
)
async def open_deposit_checkout(
    secret: str, process: Process, wanted: CheckoutRequest | None = None
) -> CheckoutView:
    """The page to pay on; asked for as often as one likes, it is the same one."""
    return_path = wanted.return_path if wanted else None
    url = await open_checkout(process, queries.link_in(secret), return_path)
    return CheckoutView(url=url)


@router.post(
    "/api/webhooks/payments/{provider}",
    dependencies=[Depends(public)],
    responses=problems(NotFound, Forged, TryAgain),
)
async def hear_payment_provider(
    provider: str, session: Session, process: Process, request: Request
) -> WebhookHeard:
    """Messages of the payment provider, signed by it. What does not concern us is heard as well."""
    known = provider_for(process)
    if known is None or known.name != provider:
        raise NotFound
    fact = known.read(await request.body(), dict(request.headers))
    if fact is not None:
        await commands.hear(session, process, provider, fact)
    return WebhookHeard()


@router.get("/api/receipts", response_model=Page[ReceiptView])
async def list_receipts(
    caller: Bookkeeper, session: Session, wanted: Annotated[ReceiptFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find_receipts(session, caller, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/api/receipts/{receipt_id}", response_model=ReceiptView, responses=problems(NotFound))
async def read_receipt(receipt_id: UUID, caller: Bookkeeper, session: Session) -> Receipt:
    return await queries.read_receipt(session, caller, receipt_id)
