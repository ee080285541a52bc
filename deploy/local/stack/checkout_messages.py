"""Signed messages of the sandbox to the one who started a checkout, sent until they are heard.

Stripe sends each of them to every address that it was given, and who is not meant ignores it;
the sandbox tells only the one whose reference it is.
"""

import asyncio
import itertools
import json
from collections.abc import Iterable

import httpx2

from payments import sandbox_signature
from stack.checkout_store import Checkout, CheckoutStore, Message

PAUSES_SECONDS = (0.1, 0.3, 1, 2, 5)
"""And from then on as long as the last."""
TRIES = 200
ENDPOINTS = {"drop-in": "class-payments"}
"""By the first word of the reference; all others are told where scheduling hears."""


def endpoint_of(reference: str) -> str:
    name = ENDPOINTS.get(reference.partition(".")[0], "payments")
    return f"/api/webhooks/{name}/sandbox"


class Messenger:
    def __init__(self, store: CheckoutStore, public_url: str, secret: str) -> None:
        self._store, self._public_url, self._secret = store, public_url, secret
        self._tasks: dict[int, asyncio.Task[None]] = {}
        """By message: what is being sent is not begun again."""

    def send_waiting(self, checkouts: Iterable[Checkout]) -> list[asyncio.Task[None]]:
        """All that has not been heard yet; also what was waiting when the process ended."""
        return [
            self._begin(checkout, message)
            for checkout in checkouts
            for message in checkout.messages
            if message.state == "waiting"
        ]

    async def send_again(self, checkout: Checkout) -> list[int]:
        """Everything there is, at once, whether it was heard or held; the answers' statuses."""
        async with httpx2.AsyncClient(timeout=10) as http:
            return [await self._send(http, checkout, message) for message in checkout.messages]

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, checkout: Checkout, message: Message) -> asyncio.Task[None]:
        key = id(message)
        if key not in self._tasks:
            task = asyncio.create_task(self._until_heard(checkout, message))
            task.add_done_callback(lambda _: self._tasks.pop(key))
            self._tasks[key] = task
        return self._tasks[key]

    async def _until_heard(self, checkout: Checkout, message: Message) -> None:
        endless = itertools.chain(PAUSES_SECONDS, itertools.repeat(PAUSES_SECONDS[-1]))
        async with httpx2.AsyncClient(timeout=10) as http:
            for pause_seconds in itertools.islice(endless, TRIES):
                if await self._send(http, checkout, message) in range(200, 300):
                    return
                await asyncio.sleep(pause_seconds)

    async def _send(self, http: httpx2.AsyncClient, checkout: Checkout, message: Message) -> int:
        body = json.dumps(
            {
                "kind": message.kind,
                "reference": checkout.reference,
                "checkout_id": checkout.id,
                "payment_id": checkout.payment_id,
                "amount_cents": checkout.amount_cents,
                "currency": checkout.currency,
            }
        ).encode()
        signature = sandbox_signature.sign(body, self._secret)
        headers = {sandbox_signature.HEADER: signature, "Content-Type": "application/json"}
        # Through the gateway, as a provider on the other side of the world would come.
        url = self._public_url + endpoint_of(checkout.reference)
        try:
            answer = await http.post(url, content=body, headers=headers)
        except httpx2.HTTPError:
            return 0
        if answer.is_success:
            message.state = "heard"
            self._store.keep(checkout)
        return answer.status_code
