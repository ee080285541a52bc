"""The doors of a till: two for who pays, a page of how it stands, one for the provider."""

from functools import partial

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chassis.auth import public
from chassis.database import in_transaction
from chassis.http import Process, Router, Session, problems
from chassis.problems import NotFound, Problem, TryAgain
from chassis.runtime import Runtime
from contracts.languages import language_asked
from payments.browsers import BY_ACCEPT, PageRoute, prefers_page
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
from payments.standing import Standing, read_standing
from payments.standing_page import HEADERS, headers_of, page, unknown_page
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
    async def go_to_page(secret: str, process: Process, request: Request) -> Response:
        """Sends a browser to the page to pay on; what is not awaited any more says how it stands.

        What opens links in mails by itself changes nothing by it: nobody pays by looking, and the
        provider's page is one for each link, whoever asks first and however often.
        """
        try:
            url = await open_checkout(till, process, link_in(secret), None)
        except Problem as refusal:
            if not prefers_page(request.headers):
                raise
            return await shown(till, process, secret, request, refusal)
        # The provider's page ends with the deadline: no cache may send somebody there later.
        return RedirectResponse(url, 303, {"Cache-Control": "no-store"} | BY_ACCEPT)

    @router.head("/{secret}/pay", include_in_schema=False)
    async def say_how_it_stands(secret: str, process: Process, request: Request) -> Response:
        """To whoever looks whether the link is alive; the provider is not bothered by it."""
        return await shown(till, process, secret, request)

    return router


def payers_page(till: Till) -> APIRouter:
    """Where a browser comes back to from paying. It goes before the JSON of the same path."""
    router = APIRouter(prefix=till.path, dependencies=[Depends(public)], route_class=PageRoute)

    @router.api_route("/{secret}", methods=["GET", "HEAD"], include_in_schema=False)
    async def show_how_it_stands(secret: str, process: Process, request: Request) -> Response:
        return await shown(till, process, secret, request)

    return router


async def shown(
    till: Till, runtime: Runtime, secret: str, request: Request, refusal: Problem | None = None
) -> HTMLResponse:
    """How it stands, and with the refusal's status if it was to be paid and cannot be."""
    try:
        read = partial(read_standing, till, link_in(secret), runtime.clock())
        standing: Standing = await in_transaction(runtime.sessions, read)
    except NotFound as unknown:
        asked = language_asked(request.headers.get("Accept-Language", ""))
        return HTMLResponse(unknown_page(asked), unknown.status, HEADERS)
    content = page(standing, f"{till.path}/{secret}", trouble_of(refusal))
    if refusal is None:
        return HTMLResponse(content, 200, headers_of(standing))
    return HTMLResponse(content, refusal.status, HEADERS | refusal.headers)


def trouble_of(refusal: Problem | None) -> str | None:
    match refusal:
        case None | NotAwaited():
            return None
        case ProviderUnreachable() | TryAgain():
            return "try_again"
        case _:
            return "refused"


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
