"""The doors of a till: two for who pays, one for the provider."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from chassis.auth import public
from chassis.http import Process, Router, Session, problems
from chassis.problems import NotFound, TryAgain
from payments.checkouts import open_checkout
from payments.choice import provider_for
from payments.hearing import hear
from payments.problems import (
    Forged,
    NotAwaited,
    NotPaidHere,
    PaymentRefused,
    ProviderUnreachable,
)
from payments.queries import link_in
from payments.schemas import CheckoutRequest, CheckoutView, WebhookHeard
from payments.till import Till


def payers_doors(till: Till, tag: str, not_awaited: type[NotAwaited]) -> APIRouter:
    """Without a transaction of their own: none must wait for a payment provider."""
    router = APIRouter(prefix=till.path, tags=[tag], dependencies=[Depends(public)])
    name = till.word.replace("-", "_")
    refusals = problems(NotFound, not_awaited, PaymentRefused, ProviderUnreachable, NotPaidHere)

    @router.post("/{secret}/checkout", name=f"open_{name}_checkout", responses=refusals)
    async def open_page(
        secret: str, process: Process, wanted: CheckoutRequest | None = None
    ) -> CheckoutView:
        """The page to pay on; asked for as often as one likes, it is the same one."""
        return_path = wanted.return_path if wanted else None
        url = await open_checkout(till, process, link_in(secret), return_path)
        return CheckoutView(url=url)

    @router.get(
        "/{secret}/pay",
        name=f"pay_{name}",
        status_code=303,
        response_class=RedirectResponse,
        responses=refusals,
    )
    async def go_to_page(secret: str, process: Process) -> Response:
        """Sends a browser to the page to pay on; what is not awaited any more says how it stands.

        What opens links in mails by itself changes nothing by it: nobody pays by looking, and the
        provider's page is one for each link, whoever asks first and however often.
        """
        url = await open_checkout(till, process, link_in(secret), None)
        # The provider's page ends with the deadline: no cache may send somebody there later.
        return RedirectResponse(url, 303, {"Cache-Control": "no-store"})

    return router


def providers_door(till: Till, path: str, tag: str) -> Router:
    router = Router(tags=[tag], dependencies=[Depends(public)])

    @router.post(f"{path}/{{provider}}", responses=problems(NotFound, Forged, TryAgain))
    async def hear_payment_provider(
        provider: str, session: Session, process: Process, request: Request
    ) -> WebhookHeard:
        """Messages of the payment provider, signed by it.

        What does not concern us is heard as well.
        """
        known = provider_for(process)
        if known is None or known.name != provider:
            raise NotFound
        fact = known.read(await request.body(), dict(request.headers))
        if fact is not None:
            await hear(till, session, process, provider, fact)
        return WebhookHeard()

    return router
