"""A provider that moves no money: the checkout page of the embedded stack."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import httpx2
from pydantic import BaseModel, ValidationError

from payments import sandbox_signature
from payments.problems import Forged, PaymentRefused, ProviderUnreachable
from payments.provider import Checkout, Fact, Refund, StartedCheckout

SECONDS = 5


class Message(BaseModel):
    """What the sandbox sends; kinds that it may learn one day do not concern us."""

    kind: str
    reference: str
    checkout_id: str
    payment_id: str | None = None
    amount_cents: int
    currency: str


KINDS: dict[str, Literal["paid", "expired", "refunded"]] = {
    "paid": "paid",
    "expired": "expired",
    "refunded": "refunded",
}


class SandboxProvider:
    name = "sandbox"

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url.rstrip("/"), secret

    async def start(self, checkout: Checkout) -> StartedCheckout:
        told = asdict(checkout) | {"ends_at": checkout.ends_at.isoformat()}
        started = await self._ask("/sandbox/checkouts", told)
        return StartedCheckout(started["id"], started["url"])

    async def end(self, checkout_id: str) -> None:
        await self._ask(f"/sandbox/checkouts/{checkout_id}/end", {})

    async def refund(self, refund: Refund) -> None:
        await self._ask("/sandbox/refunds", asdict(refund))

    def read(self, body: bytes, headers: Mapping[str, str]) -> Fact | None:
        signature = headers.get(sandbox_signature.HEADER, "")
        if not sandbox_signature.is_signed(body, signature, self._secret):
            raise Forged
        try:
            message = Message.model_validate_json(body)
        except ValidationError as error:
            raise Forged("The sandbox does not write like this.") from error
        if (kind := KINDS.get(message.kind)) is None:
            return None
        told = message.model_dump(exclude={"kind", "currency"})
        return Fact(kind=kind, currency=message.currency.upper(), **told)

    async def _ask(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._secret}"}
        try:
            async with httpx2.AsyncClient(timeout=SECONDS) as http:
                answer = await http.post(self._url + path, json=told, headers=headers)
        except httpx2.HTTPError as error:
            raise ProviderUnreachable from error
        if answer.is_success:
            said: dict[str, Any] = answer.json()
            return said
        if answer.is_client_error:
            raise PaymentRefused(code=str(answer.status_code))
        raise ProviderUnreachable
