"""What tests of every service stand on: an app in this process, tokens, patience."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx2
import nats
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey
from nats.js.errors import NotFoundError

from chassis.auth import ALGORITHM, Principal, claims_of
from contracts.event import Event, publisher

Found = TypeVar("Found")


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """The app with its lifespan, database and NATS; only the socket is left out."""
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def eventually(look: Callable[[], Awaitable[Found]], *, within_seconds: float = 10) -> Found:
    """Poll until `look` returns something true; its last answer is in the failure."""
    deadline = asyncio.get_running_loop().time() + within_seconds
    while not (found := await look()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"Not within {within_seconds} s; the last look found {found!r}")
        await asyncio.sleep(0.02)
    return found


class Signer:
    """Signs access tokens as catalog would, with a key of this test run."""

    def __init__(self, folder: Path) -> None:
        self._key = OKPKey.generate_key("Ed25519", {"alg": ALGORITHM}, private=True, auto_kid=True)
        self.signing_key = folder / "signing-key.json"
        self.signing_key.write_text(json.dumps(self._key.as_dict(private=True)))
        self.public_keys = folder / "jwks.json"
        self.public_keys.write_text(json.dumps(KeySet([self._key]).as_dict(private=False)))

    def bearer(
        self,
        business_id: UUID,
        *permissions: str,
        role: str = "owner",
        staff_id: UUID | None = None,
        **changed: str | float,
    ) -> dict[str, str]:
        """An Authorization header; an owner's unless `role` says otherwise."""
        now = datetime.now(UTC).timestamp()
        ids = ("account_id", "member_id", "sign_in_id")
        known: dict[str, Any] = {name: uuid4() for name in ids}
        known |= {"business_id": business_id, "issued_at": now, "expires_at": now + 300}
        rights = {"role": role, "permissions": permissions, "staff_id": staff_id}
        principal = Principal.model_validate(known | rights)
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        claims = claims_of(principal) | changed
        token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
        return {"Authorization": f"Bearer {token}"}


async def publish(nats_url: str, *events: Event) -> None:
    """Tell the services what another one would have told them, once somebody listens."""
    connection = await nats.connect(nats_url)
    jetstream = connection.jetstream()

    async def there_is_a_stream() -> bool:
        with suppress(NotFoundError):
            return bool(await jetstream.stream_info(publisher(type(events[0]))))
        return False

    await eventually(there_is_a_stream)
    for event in events:
        headers = {"Nats-Msg-Id": str(event.event_id)}
        await jetstream.publish(event.address, event.model_dump_json().encode(), headers=headers)
    await connection.close()
