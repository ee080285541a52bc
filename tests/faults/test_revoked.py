"""Whoever is no longer a member is out within seconds, although their access token lives on."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import httpx2

from chassis.testing import eventually
from tests.live_screen import Screen
from tests.mailbox import Mailbox
from tests.studio import Studio, sign_up

OUT_WITHIN_SECONDS = 5
ONE_DOOR_A_SERVICE = (
    "/api/services",
    "/api/appointments",
    "/api/messages",
    "/api/calendar?from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z",
)


async def join(studio: Studio, mailbox: Mailbox) -> dict[str, Any]:
    """Somebody is invited by mail and accepts."""
    email = f"sven@{studio.slug}.example.com"
    invitation = {"email": email, "permissions": ["MANAGE_CUSTOMERS"]}
    await studio.told("POST", "/api/members/invitations", json=invitation)
    (mail,) = await eventually(lambda: mailbox(email), within_seconds=30)
    (token,) = set(re.findall(r"[0-9a-f-]{36}\.[\w-]{43}", mail["text"]))
    accepted = await studio.gateway.post(
        "/api/members/invitations/accept",
        json={"token": token, "name": "Sven Staff", "password": "correct horse battery"},
    )
    assert accepted.status_code == 201, accepted.text
    joined: dict[str, Any] = accepted.json()
    return joined


async def test_a_revoked_member_is_out_within_five_seconds(
    gateway: httpx2.AsyncClient, mailbox: Mailbox
) -> None:
    studio = await sign_up(gateway)
    joined = await join(studio, mailbox)
    bearer = {"Authorization": f"Bearer {joined['access_token']}"}

    async def statuses() -> list[int]:
        answers = [await gateway.get(path, headers=bearer) for path in ONE_DOOR_A_SERVICE]
        return [answer.status_code for answer in answers]

    assert await statuses() == [200] * len(ONE_DOOR_A_SERVICE)
    revoked = await studio.ask("DELETE", f"/api/members/{joined['member']['id']}")
    assert revoked.status_code == 204, revoked.text

    async def out() -> bool:
        return await statuses() == [401] * len(ONE_DOOR_A_SERVICE)

    await eventually(out, within_seconds=OUT_WITHIN_SECONDS)
    refreshed = await gateway.post(
        "/api/auth/refresh", json={"refresh_token": joined["refresh_token"]}
    )
    assert refreshed.status_code == 401


async def test_the_open_calendar_of_a_revoked_member_ends_within_five_seconds(
    gateway: httpx2.AsyncClient, mailbox: Mailbox
) -> None:
    studio = await sign_up(gateway)
    joined = await join(studio, mailbox)
    theirs, owners = Screen(replace(studio, signed_in=joined)), Screen(studio)
    following = [asyncio.create_task(screen.follow()) for screen in (theirs, owners)]
    try:
        async with asyncio.timeout(10):
            await theirs.is_open.wait()
            await owners.is_open.wait()
        revoked = await studio.ask("DELETE", f"/api/members/{joined['member']['id']}")
        assert revoked.status_code == 204, revoked.text
        await asyncio.wait_for(asyncio.shield(following[0]), OUT_WITHIN_SECONDS)
        assert not following[1].done()
    finally:
        for one in following:
            one.cancel()
