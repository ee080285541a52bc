"""A studio with machines and packages, and pilates itself beside it, which can fall silent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
from psycopg.rows import dict_row
from sqlalchemy.ext.asyncio import AsyncSession

import pilates.main
import pilates.worker
from chassis import requests
from chassis.app import create_app
from chassis.due_rows import do_what_is_due
from chassis.problems import TryAgain
from chassis.testing import eventually, served
from chassis.worker import loops_of
from contracts import catalog
from contracts.pilates import AppointmentHeld, HoldForAppointment
from pilates.requests import REQUESTS
from pilates.settings import PilatesSettings
from pilates.subscriptions import SUBSCRIPTIONS

REFORMER = ["reformer"]


class Line:
    """Between the two: while it is down, what is asked is not heard."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_down = False

    @property
    def is_down(self) -> bool:
        return self._is_down

    @is_down.setter
    def is_down(self, is_down: bool) -> None:
        self._is_down = is_down
        # How long silence is waited for, three times, is the chassis's to show.
        requests.TIMEOUT_SECONDS = 0.1 if is_down else 0.8

    async def hold(self, session: AsyncSession, asked: HoldForAppointment) -> AppointmentHeld:
        self.asked += 1
        if self.is_down:
            raise TryAgain
        held: AppointmentHeld = await REQUESTS[HoldForAppointment](session, asked)  # type: ignore[assignment]
        return held


@dataclass
class Pilates:
    client: httpx2.AsyncClient
    database_url: str
    line: Line

    def rows(self, business_id: UUID, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            connection.execute("SELECT set_config('app.business_id', %s, true)", [str(business_id)])
            return connection.execute(query.encode()).fetchall()


@asynccontextmanager
async def pilates_beside(settings: PilatesSettings) -> AsyncIterator[Pilates]:
    line = Line()
    # Whatever else pilates is asked, other tests answer in its stead.
    due = partial(do_what_is_due, pilates.worker.DUE)
    loops = loops_of(SUBSCRIPTIONS, {HoldForAppointment: line.hold}, [due])
    async with (
        served(pilates.main.create(settings)) as client,
        served(create_app(settings, loops=loops)),
    ):
        yield Pilates(client, settings.database_url, line)


@dataclass
class Things:
    studio: Any
    pilates: Pilates
    database_url: str
    customers: dict[str, UUID] = field(default_factory=dict)

    @cached_property
    def owner(self) -> dict[str, str]:
        """The same person each time, also when the clock has been moved."""
        return self.studio.signer.bearer(  # type: ignore[no-any-return]
            self.studio.id, exp=datetime(2028, 1, 1, tzinfo=UTC).timestamp()
        )

    async def asked(self, client: httpx2.AsyncClient, method: str, path: str, **more: Any) -> Any:
        headers = self.owner | more.pop("headers", {})
        return await client.request(method, f"/api{path}", headers=headers, **more)

    async def reformers(self, count: int) -> list[str]:
        ids = []
        for number in range(count):
            wanted = {"name": f"Reformer {number}", "category": "machine", "kind": "reformer"}
            made = await self.asked(self.pilates.client, "POST", "/resources", json=wanted)
            assert made.status_code == 201, made.text
            ids.append(made.json()["id"])
        return ids

    async def introduce(self, name: str = "ada") -> UUID:
        """A customer whom both have heard of."""
        if name in self.customers:
            return self.customers[name]
        person = catalog.Customer(
            id=uuid4(), version=1, name=name.title(), email=f"{name}@example.com"
        )
        await self.studio.tell(catalog.CustomerChanged, customer=person)
        known = f"SELECT 1 FROM customers WHERE id = '{person.id}'"

        async def heard() -> bool:
            return bool(self.rows(known) and self.pilates.rows(self.studio.id, known))

        await eventually(heard)
        self.customers[name] = person.id
        return person.id

    async def sell(self, name: str = "ada", worth: int = 5, **type_: Any) -> str:
        customer = await self.introduce(name)
        sold_as = {"name": "Privates", "credits": worth, "price_cents": 40000} | type_
        made = await self.asked(self.pilates.client, "POST", "/package-types", json=sold_as)
        assert made.status_code == 201, made.text
        wanted = {
            "customer_id": str(customer),
            "package_type_id": made.json()["id"],
            "paid_with": "card",
        }
        sold = await self.asked(self.pilates.client, "POST", "/customer-packages", json=wanted)
        assert sold.status_code == 201, sold.text
        return str(sold.json()["id"])

    async def book(self, starts_at: str, name: str = "ada", **changed: Any) -> httpx2.Response:
        """By the studio."""
        wanted = {
            "service_id": str(self.studio.service),
            "starts_at": starts_at,
            "customer_id": str(await self.introduce(name)),
        }
        headers = changed.pop("headers", {})
        answer: httpx2.Response = await self.asked(
            self.studio.client, "POST", "/appointments", json=wanted | changed, headers=headers
        )
        return answer

    async def booked(self, starts_at: str, name: str = "ada", **changed: Any) -> dict[str, Any]:
        answer = await self.book(starts_at, name, **changed)
        # On a busy machine pilates may answer late: then it settles by itself.
        assert answer.status_code in (201, 202), answer.text
        made: dict[str, Any] = answer.json()
        return made if answer.status_code == 201 else await self.becomes(made["id"], "confirmed")

    async def change(self, id_: str, what: str, seen: str = "*", **wanted: Any) -> httpx2.Response:
        answer: httpx2.Response = await self.asked(
            self.studio.client,
            "POST",
            f"/appointments/{id_}/{what}",
            json=wanted or None,
            headers={"If-Match": seen},
        )
        return answer

    async def now(self, id_: str) -> dict[str, Any]:
        answer = await self.asked(self.studio.client, "GET", f"/appointments/{id_}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def becomes(self, id_: str, status: str) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            found = await self.now(id_)
            return found if found["status"] == status and found["is_settled"] else None

        found = await eventually(look)
        assert found is not None
        return found

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Of scheduling."""
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            connection.execute(
                "SELECT set_config('app.business_id', %s, true)", [str(self.studio.id)]
            )
            return connection.execute(query.encode()).fetchall()

    def told(self, subject: str) -> list[dict[str, Any]]:
        """What listeners have heard of that, in order."""
        address = f"scheduling.{subject}.v1.{self.studio.id}"
        query = f"SELECT body::json AS told FROM outbox WHERE address = '{address}'"
        return [row["told"] for row in self.rows(f"{query} ORDER BY position")]

    def machines(self) -> list[tuple[str, str, int]]:
        """Which appointment has one from when on, by which version of its hold."""
        query = (
            "SELECT owner_id::text AS owner, hold_version AS version,"
            " to_char(lower(during) AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS begins"
            " FROM reservations ORDER BY begins, version"
        )
        found = self.pilates.rows(self.studio.id, query)
        return [(row["owner"], row["begins"], row["version"]) for row in found]

    def ledger(self) -> list[str]:
        query = "SELECT kind FROM ledger_entries ORDER BY position"
        return [row["kind"] for row in self.pilates.rows(self.studio.id, query)]

    def balance(self) -> int:
        """Of all packages together."""
        query = "SELECT sum(balance)::int AS balance FROM customer_packages"
        return int(self.pilates.rows(self.studio.id, query)[0]["balance"])

    def hold(self, id_: str) -> dict[str, Any]:
        query = f"SELECT * FROM appointment_holds WHERE id = '{id_}'"
        [found] = self.pilates.rows(self.studio.id, query) or [{}]
        return found

    def claims(self) -> list[str]:
        """When time of our people begins to be taken."""
        query = (
            "SELECT to_char(starts_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS at FROM claims"
            " WHERE kind = 'appointment' ORDER BY starts_at"
        )
        return [row["at"] for row in self.rows(query)]

    async def eventually(self, look: Callable[[], bool]) -> None:
        async def looked() -> bool:
            return look()

        await eventually(looked)


OpenThings = Callable[..., Awaitable[Things]]
