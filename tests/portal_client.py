"""A client of a studio who signs in to its portal by the link in a real mail."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2

from chassis.testing import eventually
from tests.mailbox import Mailbox
from tests.studio import Studio

COOKIE = "__Host-bookly-portal"
TOKEN = re.compile(r"/sign-in#token=([A-Za-z0-9_.~-]+)")
ASKED_TIMES, MAILED_SECONDS = 2, 15
"""The portal writes to nobody of whom it has not heard yet, and a mail takes its time."""


@dataclass
class PortalClient:
    studio: Studio
    email: str
    cookie: str
    id: str

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """The cookie is for https only, so it is sent by hand."""
        headers = {"Cookie": f"{COOKIE}={self.cookie}"} | more.pop("headers", {})
        gateway = self.studio.gateway
        return await gateway.request(method, f"/api/portal{path}", headers=headers, **more)

    async def told(self, method: str, path: str, **more: Any) -> Any:
        answer = await self.ask(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def booking(self, id_: str) -> dict[str, Any]:
        """Once the portal has heard of it."""

        async def look() -> dict[str, Any] | None:
            answer = await self.ask("GET", f"/bookings/{id_}")
            return answer.json() if answer.status_code == 200 else None

        return await eventually(look)

    async def cancel(self, booking: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        known = {"If-Match": f'"{booking["version"]}"'}
        path = f"/bookings/{booking['id']}/cancel"
        cancelled: dict[str, Any] = await self.told("POST", path, headers=known, json=wanted)
        return cancelled


async def sign_in(studio: Studio, mailbox: Mailbox, email: str) -> PortalClient:
    token = await newest_token(studio, mailbox, email)
    answer = await studio.gateway.post("/api/portal/session", json={"token": token})
    assert answer.status_code == 201, answer.text
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    assert name == COOKIE
    cookie = rest.partition(";")[0]
    return PortalClient(studio, email, cookie, answer.json()["customer"]["id"])


async def newest_token(studio: Studio, mailbox: Mailbox, email: str) -> str:
    """Asked for again if none has come; a newer link ends an older one."""

    async def look() -> str | None:
        mails = await mailbox(email)
        links = [found for mail in mails if (found := TOKEN.search(mail["text"]))]
        return links[-1][1] if links else None

    for _ in range(ASKED_TIMES):
        await ask_for_link(studio, email)
        with suppress(AssertionError):
            return str(await eventually(look, within_seconds=MAILED_SECONDS))
    raise AssertionError(f"No link has come to {email}")


async def ask_for_link(studio: Studio, email: str) -> None:
    path = f"/api/portal/{studio.slug}/magic-links"
    answer = await studio.gateway.post(path, json={"email": email})
    assert answer.status_code == 202, answer.text
