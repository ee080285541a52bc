"""A studio with its clients, founded through the doors of those who own things."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
from nats.aio.msg import Msg

from chassis.testing import eventually
from portal.copies.models import Customer
from stack.signer import Signer

TODAY = "2026-11-01T12:00:00+00:00"
"""So that dates in tests stay in the future."""
FOR_EVER = 4_000_000_000.0
"""Access tokens outlast every moved clock."""
NINE_TO_FIVE = [{"weekday": day, "starts_at": "09:00", "ends_at": "17:00"} for day in range(7)]
COOKIE = "__Host-bookly-portal"


class MovedClock:
    """Time as the tests of boundaries want it; a day long before them otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, instant: str | datetime) -> None:
        draft = self.path.with_suffix(".draft")
        draft.write_text(instant if isinstance(instant, str) else instant.isoformat())
        draft.replace(self.path)

    def unset(self) -> None:
        self.set(TODAY)


@dataclass
class Heard:
    """Every event that was told since the tests began."""

    messages: list[Msg]

    def of(self, subject: str, business_id: object, **members: Any) -> list[dict[str, Any]]:
        address = f"{subject}.v1.{business_id}"
        events = [json.loads(one.data) for one in self.messages if one.subject == address]
        return [event for event in events if members.items() <= event.items()]

    async def told(self, subject: str, business_id: object, **members: Any) -> dict[str, Any]:
        """The newest one."""

        async def look() -> dict[str, Any] | None:
            found = self.of(subject, business_id, **members)
            return found[-1] if found else None

        return await eventually(look)


@dataclass
class Owners:
    catalog: httpx2.AsyncClient
    scheduling: httpx2.AsyncClient
    pilates: httpx2.AsyncClient


@dataclass
class Client:
    """A signed-in browser. Our cookies are for https only, so it is sent by hand."""

    portal: httpx2.AsyncClient
    cookie: str
    customer_id: str = ""
    email: str = ""
    booking_id: str = ""
    package: str = ""
    seen: dict[str, Any] = field(default_factory=dict)
    """Of what a test is about."""

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"Cookie": f"{COOKIE}={self.cookie}"} | more.pop("headers", {})
        return await self.portal.request(method, f"/api/portal{path}", headers=headers, **more)

    async def told(self, method: str, path: str, **more: Any) -> Any:
        answer = await self.ask(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def bookings(self, **wanted: Any) -> list[dict[str, Any]]:
        return list((await self.told("GET", "/bookings", params=wanted))["items"])

    async def booking(self, id_: str) -> dict[str, Any]:
        """Once the portal has heard of it."""

        async def look() -> dict[str, Any] | None:
            answer = await self.ask("GET", f"/bookings/{id_}")
            return answer.json() if answer.status_code == 200 else None

        return await eventually(look)

    async def change(
        self, booking: dict[str, Any], what: str, headers: Any = None, **wanted: Any
    ) -> httpx2.Response:
        known = {"If-Match": f'"{booking["version"]}"'} | (headers or {})
        path = f"/bookings/{booking['id']}/{what}"
        return await self.ask("POST", path, json=wanted, headers=known)


@dataclass
class Studio:
    owners: Owners
    portal: httpx2.AsyncClient
    signer: Signer
    heard: Heard
    rows: Callable[[Any, UUID], Awaitable[list[Any]]]
    open_session: Callable[..., Awaitable[str]]
    id: UUID
    slug: str
    staff: list[str] = field(default_factory=list)
    service: str = ""

    @property
    def owner(self) -> dict[str, str]:
        return self.signer.bearer(self.id, exp=FOR_EVER)

    async def told(self, whom: httpx2.AsyncClient, method: str, path: str, **more: Any) -> Any:
        headers = self.owner | more.pop("headers", {})
        answer = await whom.request(method, f"/api{path}", headers=headers, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def customer(self, name: str = "Mia Sommer", **changed: Any) -> dict[str, Any]:
        wanted = {"name": name, "email": f"{uuid4().hex[:12]}@example.com"} | changed
        made: dict[str, Any] = await self.told(
            self.owners.catalog, "POST", "/customers", json=wanted
        )
        await eventually(lambda: self.is_known(made["id"]))
        return made

    async def is_known(self, customer_id: str) -> bool:
        """To the portal."""
        return customer_id in {str(one.id) for one in await self.rows(Customer, self.id)}

    async def ask_for_link(self, email: str, **more: Any) -> httpx2.Response:
        wanted = {"email": email} | more.pop("json", {})
        path = f"/api/portal/{self.slug}/magic-links"
        return await self.portal.post(path, json=wanted, **more)

    async def link(self, email: str, **more: Any) -> str:
        """The token of the mail that this address gets, once it is known to the portal.

        Asked for once: a second link would end the first.
        """
        subject = "portal.magic-link.requested"
        before = len(self.heard.of(subject, self.id, email=email))

        async def is_known() -> bool:
            return email in {one.email for one in await self.rows(Customer, self.id)}

        async def look() -> str | None:
            mails = self.heard.of(subject, self.id, email=email)
            return str(mails[-1]["url"].partition("#token=")[2]) if len(mails) > before else None

        await eventually(is_known)
        asked = await self.ask_for_link(email, **more)
        assert asked.status_code == 202, asked.text
        return await eventually(look)

    async def sign_in(self, customer: dict[str, Any], **wanted: Any) -> Client:
        """Without the way by a mail, which takes most of a second; its tests go that way."""
        cookie = await self.open_session(self.id, UUID(customer["id"]), **wanted)
        return Client(self.portal, cookie, customer["id"], customer["email"])

    async def client(self, name: str = "Mia Sommer", **wanted: Any) -> Client:
        return await self.sign_in(await self.customer(name), **wanted)

    async def appointment(self, customer_id: str, starts_at: str, **changed: Any) -> str:
        """By the studio, once scheduling has heard of everybody."""
        wanted = {
            "service_id": self.service,
            "staff_id": self.staff[0],
            "starts_at": starts_at,
            "customer_id": customer_id,
        } | changed
        made = await self.told(self.owners.scheduling, "POST", "/appointments", json=wanted)
        return str(made["id"])


def cookie_of(answer: httpx2.Response) -> str:
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    assert name == COOKIE
    return rest.partition(";")[0]


async def open_a_studio(
    owners: Owners,
    portal: httpx2.AsyncClient,
    signer: Signer,
    heard: Heard,
    rows: Callable[[Any, UUID], Awaitable[list[Any]]],
    open_session: Callable[..., Awaitable[str]],
    people: int = 1,
    **service: Any,
) -> Studio:
    signed_up = await owners.catalog.post(
        "/api/auth/sign-up",
        json={
            "email": f"{uuid4().hex[:12]}@owner.example",
            "password": "reformer-and-cadillac",
            "name": "Olga Owner",
            "business_name": f"Core {uuid4().hex[:8]}",
            "time_zone": "Europe/Berlin",
            "currency": "EUR",
            "locale": "en",
        },
    )
    assert signed_up.status_code == 201, signed_up.text
    business = signed_up.json()["business"]
    studio = Studio(
        owners, portal, signer, heard, rows, open_session, UUID(business["id"]), business["slug"]
    )
    for number in range(people):
        person = await studio.told(
            owners.catalog, "POST", "/staff", json={"name": f"Teacher {number}"}
        )
        studio.staff.append(person["id"])
    offered = {
        "name": "Private reformer",
        "duration_minutes": 60,
        "price_cents": 9500,
        "staff_ids": studio.staff,
        "slot_step_minutes": 30,
        "notice_minutes": 0,
        "horizon_days": 365,
        "cancellation_window_minutes": 1440,
    } | service
    made = await studio.told(owners.catalog, "POST", "/services", json=offered)
    studio.service = made["id"]
    for staff in studio.staff:
        await eventually(lambda staff=staff: works(studio, staff))
    await eventually(lambda: is_open(studio))
    return studio


async def works(studio: Studio, staff: str) -> bool:
    path = f"/api/staff/{staff}/working-hours"
    weekly = {"weekly": NINE_TO_FIVE}
    answer = await studio.owners.scheduling.put(path, json=weekly, headers=studio.owner)
    return answer.status_code == 200


async def is_open(studio: Studio) -> bool:
    return (await studio.portal.get(f"/api/portal/{studio.slug}/page")).status_code == 200
