"""The gateway's API as the demo studio's owner uses it: patient, and safe to repeat."""

import asyncio
from typing import Any

import httpx2

from stack import demo_sign_in
from stack.demo_studio import BUSINESS

_PATIENCE = 90


class Refused(Exception):
    pass


class Owner:
    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def sign_in(self) -> None:
        """Signs up the first time."""
        who = {"email": demo_sign_in.EMAIL, "password": demo_sign_in.PASSWORD}
        answer = await self.ask("POST", "/api/auth/sign-in", json=who, accept=(401,))
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            answer = await self.ask("POST", "/api/auth/sign-up", json=BUSINESS)
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def everything(self, path: str, **query: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await self.ask("GET", path, params={"limit": "100", **query, **cursor})
            page = answer.json()
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = {"cursor": page["next_cursor"]}

    async def create_missing(self, path: str, wanted: list[dict[str, Any]]) -> dict[str, str]:
        """Ids by name."""
        ids = {one["name"]: one["id"] for one in await self.everything(path)}
        for one in wanted:
            if one["name"] not in ids:
                ids[one["name"]] = (await self.ask("POST", path, json=one)).json()["id"]
        return ids

    async def ask(
        self, method: str, path: str, accept: tuple[int, ...] = (), **more: Any
    ) -> httpx2.Response:
        """Waits where it is told to wait; raises what is neither success nor accepted."""
        for attempt in range(_PATIENCE):
            answer = await self._http.request(method, path, **more)
            if answer.status_code not in (429, 503):
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", min(attempt, 5))))
        if answer.is_success or answer.status_code in accept:
            return answer
        raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
