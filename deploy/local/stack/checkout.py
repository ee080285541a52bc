"""The sandbox payment provider: a page to pay on, and what a service asks a provider for.

People reach `/dev/checkout/…` through the gateway; `/sandbox/…` is for services, with the secret.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stack.checkout_messages import Messenger
from stack.checkout_page import checkout_page
from stack.checkout_store import Checkout, CheckoutStore, Over

HEARD_SECONDS = 3
"""So long the payer waits to come back to a studio that knows already."""
CLOSED = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class CheckoutDesk:
    def __init__(self, folder: Path, secret: str, public_url: str) -> None:
        self.store = CheckoutStore(folder)
        self._secret, self._public_url = secret, public_url
        self._messenger = Messenger(self.store, public_url, secret)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        self._messenger.send_waiting(self.store.checkouts.values())
        try:
            yield
        finally:
            await self._messenger.stop()

    def routes(self) -> list[Route]:
        place = "/dev/checkout/{id}"
        return [
            Route(f"{place}.json", self.describe),
            Route(place, self.show),
            Route(f"{place}/pay", self.pay, methods=["POST"]),
            Route(f"{place}/leave", self.leave, methods=["POST"]),
            Route(f"{place}/messages", self.send_again, methods=["POST"]),
            Route("/sandbox/checkouts", self.start, methods=["POST"]),
            Route("/sandbox/checkouts/{id}/end", self.end, methods=["POST"]),
            Route("/sandbox/refunds", self.refund, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        return HTMLResponse(checkout_page(self._named(request)), headers=CLOSED)

    async def describe(self, request: Request) -> Response:
        return JSONResponse(asdict(self._named(request)))

    async def pay(self, request: Request) -> Response:
        """Comes back once the studio has heard it, or after a while; `later` keeps it waiting."""
        checkout = self._named(request)
        try:
            self.store.pay(checkout, told_later="later" in request.query_params)
        except Over:
            return HTMLResponse(checkout_page(checkout), 409, CLOSED)
        if sending := self._messenger.send_waiting([checkout]):
            await asyncio.wait(sending, timeout=HEARD_SECONDS)
        return RedirectResponse(checkout.paid_url, 303)

    async def leave(self, request: Request) -> Response:
        return RedirectResponse(self._named(request).left_url, 303)

    async def send_again(self, request: Request) -> Response:
        """For tests: a provider may tell everything again, and late."""
        return JSONResponse(await self._messenger.send_again(self._named(request)))

    async def start(self, request: Request) -> Response:
        self._let_in(request)
        checkout = self.store.begin(await request.json())
        url = f"{self._public_url}/dev/checkout/{checkout.id}"
        return JSONResponse({"id": checkout.id, "url": url})

    async def end(self, request: Request) -> Response:
        self._let_in(request)
        checkout = self._named(request)
        try:
            self.store.end(checkout)
        except Over:
            return JSONResponse({"state": checkout.state})
        self._messenger.send_waiting([checkout])
        return JSONResponse({"state": checkout.state})

    async def refund(self, request: Request) -> Response:
        self._let_in(request)
        told = await request.json()
        try:
            checkout = self.store.refund(told["payment_id"], told["reference"])
        except KeyError:
            return JSONResponse({"code": "unknown_payment"}, 404)
        except Over:
            return JSONResponse({"code": "already_refunded"}, 409)
        self._messenger.send_waiting([checkout])
        return JSONResponse({"refund": checkout.refund})

    def _named(self, request: Request) -> Checkout:
        checkout = self.store.checkouts.get(request.path_params["id"])
        if checkout is None:
            raise HTTPException(404, "There is no such checkout.")
        return checkout

    def _let_in(self, request: Request) -> None:
        said = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(said, f"Bearer {self._secret}".encode()):
            raise HTTPException(401, "This is for services.")
