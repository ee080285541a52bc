"""A studio whose catalog has been heard, as tests of classes, places and credits need it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2

from chassis.testing import eventually, publish
from contracts import catalog
from pilates.copies.models import Customer
from stack.signer import Signer

CLASS = {
    "name": "Reformer Flow",
    "capacity": 8,
    "duration_minutes": 60,
    "credit_cost": 1,
    "price_cents": 2500,
    "late_cancel_window_minutes": 720,
    "waitlist_cutoff_minutes": 120,
    "largest_party": 4,
}


TODAY = "2026-11-01T12:00:00+00:00"
"""So that dates in tests stay in the future."""
FOR_EVER = 4_000_000_000.0
"""Access tokens outlast every moved clock."""


class MovedClock:
    """Time as the tests of boundaries want it; a day long before them otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, instant: str) -> None:
        draft = self.path.with_suffix(".draft")
        draft.write_text(instant)
        draft.replace(self.path)

    def unset(self) -> None:
        self.set(TODAY)


@dataclass
class Studio:
    client: httpx2.AsyncClient
    nats_url: str
    signer: Signer
    rows: Callable[[Any, UUID], Awaitable[list[Any]]]
    id: UUID = field(default_factory=uuid4)
    zone: str = "Europe/Berlin"
    staff: list[UUID] = field(default_factory=list)
    slug: str = field(default_factory=lambda: f"page-{uuid4().hex[:8]}")
    customers: dict[str, UUID] = field(default_factory=dict)
    """By the local part of their e-mail."""

    @cached_property
    def owner(self) -> dict[str, str]:
        return self.signer.bearer(self.id, exp=FOR_EVER)

    def member(self, *permissions: str, staff_id: UUID | None = None) -> dict[str, str]:
        return self.signer.bearer(
            self.id, *permissions, role="staff", staff_id=staff_id, exp=FOR_EVER
        )

    async def tell(self, event_type: type[Any], **what: Any) -> None:
        event = event_type(occurred_at=datetime.now(UTC), business_id=self.id, **what)
        await publish(self.nats_url, event)

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """As the owner, unless `headers` say otherwise; whatever the answer."""
        headers = self.owner | more.pop("headers", {})
        return await self.client.request(method, f"/api{path}", headers=headers, **more)

    async def told(self, method: str, path: str, **more: Any) -> Any:
        answer = await self.ask(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def introduce(self, *names: str) -> list[UUID]:
        """Customers, once pilates has heard of them."""
        new = [name for name in names if name not in self.customers]
        events = []
        for name in new:
            person = catalog.Customer(
                id=uuid4(), version=1, name=name.title(), email=f"{name}@example.com"
            )
            self.customers[name] = person.id
            events.append(
                catalog.CustomerChanged(
                    occurred_at=datetime.now(UTC), business_id=self.id, customer=person
                )
            )
        if events:
            await publish(self.nats_url, *events)
            await eventually(lambda: self._heard({self.customers[name] for name in new}))
        return [self.customers[name] for name in names]

    async def _heard(self, customers: set[UUID]) -> bool:
        return customers <= {copy.id for copy in await self.rows(Customer, self.id)}

    async def package_type(self, **changed: Any) -> str:
        wanted = {"name": "Ten classes", "credits": 10, "price_cents": 20000} | changed
        return str((await self.told("POST", "/package-types", json=wanted))["id"])

    async def sell(self, name: str, package_type: str | None = None, **changed: Any) -> str:
        """To the customer of that name; a package of ten if no type is named."""
        [customer] = await self.introduce(name)
        wanted = {
            "customer_id": str(customer),
            "package_type_id": package_type or await self.package_type(),
            "paid_with": "card",
        }
        sold = await self.told("POST", "/customer-packages", json=wanted | changed)
        return str(sold["id"])

    async def balance(self, package: str) -> int:
        return int((await self.told("GET", f"/customer-packages/{package}"))["balance"])

    async def ledger(self, package: str) -> list[dict[str, Any]]:
        """The oldest entry first."""
        path = f"/customer-packages/{package}/ledger"
        entries = (await self.told("GET", path, params={"limit": 200}))["items"]
        return sorted(entries, key=lambda entry: entry["position"])

    async def room_with(self, reformers: int) -> tuple[str, list[str]]:
        """A room with its map: R1, R2 and so on."""
        room = await self.told(
            "POST", "/resources", json={"name": "Studio 1", "category": "room", "kind": "room"}
        )
        machines = [
            await self.told(
                "POST",
                "/resources",
                json={
                    "name": f"Reformer {number}",
                    "category": "machine",
                    "kind": "reformer",
                    "room_id": room["id"],
                    "label": f"R{number}",
                },
            )
            for number in range(1, reformers + 1)
        ]
        return room["id"], [one["id"] for one in machines]

    async def publish_class(self, starts_at: str, **changed: Any) -> dict[str, Any]:
        """A one-off, published; local time of the studio unless it has an offset."""
        answer = await self.ask(
            "POST", "/class-sessions", json=CLASS | {"starts_at": starts_at} | changed
        )
        # On a busy machine scheduling may answer late: then it is published by itself.
        assert answer.status_code in (201, 202), answer.text
        made: dict[str, Any] = answer.json()
        if answer.status_code == 202:
            return await eventually(lambda: self._published(made["id"]))
        assert made["status"] == "published", made
        return made

    async def _published(self, session_id: str) -> dict[str, Any]:
        seen: dict[str, Any] = await self.told("GET", f"/class-sessions/{session_id}")
        return seen if seen["status"] == "published" else {}

    async def template(self, **changed: Any) -> str:
        return str((await self.told("POST", "/class-templates", json=CLASS | changed))["id"])

    async def book(self, session_id: str, name: str, **changed: Any) -> httpx2.Response:
        """By the studio, for the customer of that name."""
        [customer] = await self.introduce(name)
        headers = changed.pop("headers", {})
        wanted = {"customer_id": str(customer)} | changed
        return await self.ask(
            "POST", f"/class-sessions/{session_id}/attendances", json=wanted, headers=headers
        )

    async def booked(self, session_id: str, name: str, **changed: Any) -> dict[str, Any]:
        """The one place that was booked."""
        answer = await self.book(session_id, name, **changed)
        assert answer.status_code == 201, answer.text
        place: dict[str, Any] = answer.json()["attendances"][0]
        return place

    async def change(
        self, place: dict[str, Any], what: str, seen: int | None = None, **wanted: Any
    ) -> httpx2.Response:
        path = f"/class-sessions/{place['session_id']}/attendances/{place['id']}/{what}"
        headers = {"If-Match": f'"{seen or place["version"]}"'}
        return await self.ask("POST", path, json=wanted, headers=headers)

    async def cancel(self, place: dict[str, Any], **wanted: Any) -> httpx2.Response:
        return await self.change(place, "cancel", **wanted)

    async def attendances(self, session_id: str, **wanted: Any) -> list[dict[str, Any]]:
        path = f"/class-sessions/{session_id}/attendances"
        found = await self.told("GET", path, params={"limit": 200} | wanted)
        return list(found["items"])

    async def waitlist(self, session_id: str, **wanted: Any) -> list[dict[str, Any]]:
        path = f"/class-sessions/{session_id}/waitlist"
        return list((await self.told("GET", path, params=wanted))["items"])


async def open_a_studio(
    client: httpx2.AsyncClient,
    nats_url: str,
    signer: Signer,
    rows: Callable[[Any, UUID], Awaitable[list[Any]]],
    is_known: Callable[[Studio], Awaitable[bool]],
    *,
    people: int = 1,
    zone: str = "Europe/Berlin",
) -> Studio:
    """`is_known` says when scheduling has heard of it, too."""
    studio = Studio(client, nats_url, signer, rows, zone=zone)
    studio.staff = sorted(uuid4() for _ in range(people))
    business = catalog.Business(
        id=studio.id,
        version=1,
        slug=studio.slug,
        name="Core",
        time_zone=zone,
        currency="EUR",
        locale="en",
    )
    await studio.tell(catalog.BusinessChanged, business=business)
    for number, staff in enumerate(studio.staff):
        person = catalog.StaffMember(id=staff, version=1, name=f"T{number}", status="active")
        await studio.tell(catalog.StaffMemberChanged, staff_member=person)
    await eventually(lambda: is_known(studio))
    return studio
