from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.http import Process, Session, problems
from chassis.pages import Page
from chassis.problems import NotFound
from portal.apart import in_business_of
from portal.door import FOR_ONE_CLIENT, AskingRouter, ClientRouter
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedIn, SignedInApart
from portal.receipts import queries
from portal.receipts.pdf import rendered
from portal.receipts.schemas import ReceiptFilter, ReceiptPage, ReceiptRead

reading = ClientRouter(prefix="/api/portal/receipts", tags=["portal"])
rendering = AskingRouter(prefix="/api/portal/receipts", tags=["portal"])


@reading.get("", response_model=Page[ReceiptRead], responses=problems(NotSignedIn))
async def list_my_receipts(
    client: SignedIn, session: Session, wanted: Annotated[ReceiptFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, client, wanted)
    return {"items": items, "next_cursor": next_cursor}


@rendering.get(
    "/{receipt_id}.pdf",
    response_class=Response,
    responses=problems(NotSignedIn, NotFound) | {200: {"content": {"application/pdf": {}}}},
)
async def read_my_receipt_as_pdf(
    receipt_id: UUID, client: SignedInApart, process: Process
) -> Response:
    found = await in_business_of(
        client, process, lambda session: queries.read(session, client, receipt_id)
    )
    body = await rendered(found, client.customer.locale or client.business.locale)
    named = {"Content-Disposition": f'attachment; filename="receipt-{found.label}.pdf"'}
    return Response(body, media_type="application/pdf", headers=named | FOR_ONE_CLIENT)


@reading.get("/{receipt_id}", responses=problems(NotSignedIn, NotFound))
async def read_my_receipt(receipt_id: UUID, client: SignedIn, session: Session) -> ReceiptPage:
    return await queries.read(session, client, receipt_id)
