"""A studio with reformers, packages and customers, set up through the gateway."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2

from chassis.testing import eventually
from tests.studio import Studio, sign_up

CLASS = {"name": "Reformer Flow", "capacity": 8, "duration_minutes": 50}
AT_ONCE = 16


@dataclass
class ClassStudio:
    studio: Studio
    customers: dict[str, str] = field(default_factory=dict)
    """Ids by e-mail."""

    @property
    def business_id(self) -> str:
        return self.studio.business_id

    async def room_with(self, reformers: int) -> str:
        """With a map: R1, R2 and so on."""
        made = {"name": "Studio 1", "category": "room", "kind": "room"}
        room = (await self.studio.told("POST", "/api/resources", json=made))["id"]
        for number in range(1, reformers + 1):
            machine = {
                "name": f"Reformer {number}",
                "category": "machine",
                "kind": "reformer",
                "room_id": room,
                "label": f"R{number}",
            }
            await self.studio.told("POST", "/api/resources", json=machine)
        return str(room)

    async def template(self, **changed: Any) -> str:
        made = await self.studio.told("POST", "/api/class-templates", json=CLASS | changed)
        return str(made["id"])

    async def session(self, template_id: str, starts_at: datetime, **changed: Any) -> str:
        """Published, once its instructor is held."""
        wanted = {"template_id": template_id, "starts_at": starts_at.isoformat()} | changed
        made = await self.studio.told("POST", "/api/class-sessions", json=wanted)
        path = f"/api/class-sessions/{made['id']}"

        async def is_published() -> bool:
            return (await self.studio.told("GET", path))["status"] == "published"

        await eventually(is_published)
        return str(made["id"])

    async def page(self, *template_ids: str) -> None:
        page = {
            "slug": self.studio.slug,
            "title": "Book a class",
            "published": True,
            "configuration": {"class_ids": list(template_ids)},
        }
        await self.studio.told("POST", "/api/booking-pages", json=page)

    async def introduce(self, *emails: str) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(email: str) -> None:
            async with turns:
                person = {"name": email.partition("@")[0].title(), "email": email}
                made = await self.studio.told("POST", "/api/customers", json=person)
                self.customers[email] = made["id"]

        await asyncio.gather(*map(one, emails))

    async def package_type(self, credits_each: int, **changed: Any) -> str:
        wanted = {"name": f"{credits_each} classes", "credits": credits_each, "price_cents": 2000}
        made = await self.studio.told("POST", "/api/package-types", json=wanted | changed)
        return str(made["id"])

    async def sell(self, package_type: str, *emails: str) -> dict[str, str]:
        """The packages, by e-mail."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(email: str) -> tuple[str, str]:
            async with turns:
                wanted = {
                    "customer_id": self.customers[email],
                    "package_type_id": package_type,
                    "paid_with": "card",
                }
                sold = await self.studio.told("POST", "/api/customer-packages", json=wanted)
                return email, sold["id"]

        return dict(await asyncio.gather(*map(one, emails)))

    async def balance(self, package: str) -> int:
        return int((await self.studio.told("GET", f"/api/customer-packages/{package}"))["balance"])

    async def book(self, session_id: str, email: str, **changed: Any) -> httpx2.Response:
        wanted = {"customer_id": self.customers[email]} | changed
        path = f"/api/class-sessions/{session_id}/attendances"
        return await self.studio.ask("POST", path, json=wanted)

    async def book_as_guest(self, session_id: str, email: str, **changed: Any) -> httpx2.Response:
        person = {"name": "Gitta Guest", "email": email}
        return await self.studio.gateway.post(
            f"/api/public/booking/{self.studio.slug}/attendances",
            json={"session_id": session_id, "customer": person} | changed,
        )

    async def attendances(self, session_id: str, **wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        path = f"/api/class-sessions/{session_id}/attendances"
        asked = {"limit": 200} | wanted
        while True:
            page = await self.studio.told("GET", path, params=asked)
            found += page["items"]
            if not page["next_cursor"]:
                return found
            asked["cursor"] = page["next_cursor"]

    async def waitlist(self, session_id: str) -> list[dict[str, Any]]:
        path = f"/api/class-sessions/{session_id}/waitlist"
        return list((await self.studio.told("GET", path))["items"])


async def open_class_studio(gateway: httpx2.AsyncClient, **business: Any) -> ClassStudio:
    return ClassStudio(await sign_up(gateway, **business))
