"""How Stripe's library reaches Stripe: by the HTTP client that everything else here uses."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import httpx2
import stripe

SECONDS = 8


class Transport(stripe.HTTPClient):
    """Payments are rare: no connection is kept, so there is nothing to close."""

    name = "httpx2"

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            async with httpx2.AsyncClient(timeout=SECONDS) as http:
                answer = await http.request(method, url, headers=headers, content=post_data)
        except httpx2.HTTPError as error:
            unreachable = stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                type(error).__name__, should_retry=True
            )
            raise unreachable from error
        return answer.content, answer.status_code, answer.headers

    def sleep_async(self, secs: float) -> Awaitable[None]:
        return asyncio.sleep(secs)
