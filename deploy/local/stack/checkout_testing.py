"""The sandbox provider inside a test's own process, which sees and hinders what it is asked."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from payments import sandbox_signature
from payments.testing import listening
from stack.checkout import CheckoutDesk
from stack.checkout_store import Checkout

NOBODY = "http://127.0.0.1:9"
"""Messages are sent by the test, as often and as late as it likes."""


@dataclass
class Sandbox:
    desk: CheckoutDesk
    secret: str
    url: str = ""
    asked: list[str] = field(default_factory=list)
    """Paths, in the order in which they were asked for."""
    is_out: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.append(scope["path"])
            if self.is_out:
                await Response(status_code=503)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def __post_init__(self) -> None:
        self._app = Starlette(routes=self.desk.routes())

    @property
    def checkouts(self) -> dict[str, Checkout]:
        return self.desk.store.checkouts

    def pay(self, url: str) -> Checkout:
        """What a payer does on the page at this address; nobody is told."""
        checkout = self.checkouts[url.rpartition("/")[2]]
        self.desk.store.pay(checkout, told_later=True)
        return checkout

    def message(
        self, kind: str, checkout: Checkout, **changed: object
    ) -> tuple[bytes, dict[str, str]]:
        """The body and headers of what the sandbox says of a checkout."""
        told = {
            "kind": kind,
            "reference": checkout.reference,
            "checkout_id": checkout.id,
            "payment_id": checkout.payment_id,
            "amount_cents": checkout.amount_cents,
            "currency": checkout.currency,
        }
        body = json.dumps(told | changed).encode()
        return body, {sandbox_signature.HEADER: sandbox_signature.sign(body, self.secret)}


@asynccontextmanager
async def sandbox(folder: Path) -> AsyncIterator[Sandbox]:
    secret = "of the tests"  # noqa: S105
    desk = CheckoutDesk(folder, secret, NOBODY)
    found = Sandbox(desk, secret)
    async with listening(found) as found.url, desk.open():
        yield found
