"""The link in a mail: a person who opens it comes out at the provider's page."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from chassis.auth import public
from chassis.http import Process, problems
from chassis.problems import NotFound
from payments.problems import PaymentRefused, ProviderUnreachable
from scheduling.deposits.checkouts import open_checkout
from scheduling.deposits.problems import DepositNotAwaited, NotPaidHere
from scheduling.deposits.queries import link_in

router = APIRouter(tags=["deposits"])
"""Without a transaction of its own: none must wait for a payment provider."""


@router.get(
    "/api/public/deposits/{secret}/pay",
    dependencies=[Depends(public)],
    status_code=303,
    response_class=RedirectResponse,
    responses=problems(
        NotFound, DepositNotAwaited, PaymentRefused, ProviderUnreachable, NotPaidHere
    ),
)
async def pay_deposit(secret: str, process: Process) -> Response:
    """Sends a browser to the page to pay on; what is not awaited any more says how it stands.

    What opens links in mails by itself changes nothing by it: nobody pays by looking, and the
    provider's page is one for each deposit, whoever asks first and however often.
    """
    url = await open_checkout(process, link_in(secret), None)
    # The provider's page ends with the deposit: no cache may send somebody there later.
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})
