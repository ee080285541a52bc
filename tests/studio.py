"""A studio that signs up through the gateway and opens its doors around the clock."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import Any
from uuid import uuid4

import httpx2

from chassis.testing import eventually

ROUND_THE_CLOCK = [{"weekday": day, "starts_at": "00:00", "ends_at": "00:00"} for day in range(7)]


@dataclass
class Studio:
    gateway: httpx2.AsyncClient
    slug: str
    signed_in: dict[str, Any]
    staff: list[str] = field(default_factory=list)
    service: str = ""
    page: str = ""

    @property
    def business_id(self) -> str:
        return str(self.signed_in["business"]["id"])

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.signed_in['access_token']}"}

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """As the owner; whatever the answer."""
        headers = self.bearer | more.pop("headers", {})
        return await self.gateway.request(method, path, headers=headers, **more)

    async def told(self, method: str, path: str, **more: Any) -> Any:
        answer = await self.ask(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def hire(self, name: str, weekly: list[dict[str, Any]] | None = None) -> str:
        member = await self.told("POST", "/api/staff", json={"name": name})
        hours = {"weekly": ROUND_THE_CLOCK if weekly is None else weekly}
        await self.told("PUT", f"/api/staff/{member['id']}/working-hours", json=hours)
        self.staff.append(member["id"])
        return str(member["id"])

    async def offer(self, **service: Any) -> str:
        told = {"name": "Reformer private", "duration_minutes": 30, "staff_ids": self.staff}
        self.service = (await self.told("POST", "/api/services", json=told | service))["id"]
        return self.service

    async def publish(self, title: str = "Book with us") -> str:
        page = {
            "slug": self.slug,
            "title": title,
            "published": True,
            "configuration": {"service_ids": [self.service]},
        }
        self.page = (await self.told("POST", "/api/booking-pages", json=page))["id"]
        return self.page

    async def slots(self, begins: date, days: int = 1) -> list[dict[str, Any]]:
        """What the public page offers on these local days."""
        ends = begins + timedelta(days=days - 1)
        answer = await self.gateway.get(
            f"/api/public/booking/{self.slug}/availability",
            params={"service_id": self.service, "from": str(begins), "to": str(ends)},
        )
        assert answer.status_code == 200, answer.text
        return [slot for day in answer.json()["days"] for slot in day["slots"]]

    @cached_property
    def first_midnight(self) -> datetime:
        """Beyond the notice of every service, within its horizon for weeks; once for all, so that
        a test that goes on over midnight means the same days."""
        return datetime.combine(datetime.now(UTC) + timedelta(days=2), time(), UTC)

    def places(self, count: int) -> list[dict[str, str]]:
        """Different times of our people that do not overlap, from the day after tomorrow on."""
        every = (
            {
                "staff_id": one,
                "starts_at": (self.first_midnight + timedelta(minutes=30 * n)).isoformat(),
            }
            for n in range(count)
            for one in self.staff
        )
        return list(islice(every, count))

    def wish(self, email: str, **place: Any) -> dict[str, Any]:
        customer = {"name": "Gitta Guest", "email": email}
        return {"service_id": self.service, "customer": customer, **place}

    async def book(
        self, email: str, headers: dict[str, str] | None = None, **place: Any
    ) -> httpx2.Response:
        """As a stranger on the page; whatever the answer."""
        return await self.gateway.post(
            f"/api/public/booking/{self.slug}/appointments",
            json=self.wish(email, **place),
            headers=headers or {},
        )


async def sign_up(gateway: httpx2.AsyncClient, **business: Any) -> Studio:
    slug = f"studio-{uuid4().hex[:12]}"
    told = {
        "email": f"owner@{slug}.example.com",
        "password": "correct horse battery",
        "name": "Olga Owner",
        "business_name": f"Studio {slug}",
        "slug": slug,
        "time_zone": "UTC",
        "currency": "EUR",
    }
    answer = await gateway.post("/api/auth/sign-up", json=told | business)
    assert answer.status_code == 201, answer.text
    return Studio(gateway, slug, answer.json())


async def open_studio(gateway: httpx2.AsyncClient, *, people: int = 1, **service: Any) -> Studio:
    """Signed up, staffed, and its page answers with slots."""
    studio = await sign_up(gateway)
    for number in range(people):
        await studio.hire(f"Tessa Teacher {number + 1}")
    await studio.offer(**service)
    await studio.publish()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    await eventually(lambda: studio.slots(tomorrow))
    return studio
