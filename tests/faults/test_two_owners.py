"""Appointments with a machine and a credit, while whoever owns a part of them dies or falls silent.

In the end each is whole, confirmed with one machine and one debit, or absent, and nothing is held.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from stack.testing import RunningStack
from tests.databases import rows
from tests.failpoints import arm_once, has_fired
from tests.faults.crowd import PATIENCE_SECONDS, TRY_AGAIN
from tests.studio import Studio, open_studio

WHOLE_SECONDS = 60
STEPS = (
    # Of booking, moving and cancelling, in the order of what happens.
    "scheduling.before-appointment-hold",
    "pilates.before-holding",
    "pilates.after-commit",
    "scheduling.after-appointment-hold",
    "scheduling.after-commit",
    "scheduling.before-publish",
    "scheduling.after-publish",
    "pilates.before-ack",
)
KILLED = ("scheduling", "scheduling-worker", "pilates", "pilates-worker", "nats")
SILENT_SECONDS = 4
SOLD = 200

APPOINTMENTS = """
    SELECT id::text, status, starts_at, proposed_version IS NULL AND settle_at IS NULL
    FROM appointments
"""
CLAIMS = "SELECT id::text, starts_at FROM claims"
MACHINES = "SELECT owner_id::text, lower(during) FROM reservations"
PAID = """
    SELECT appointment_id::text, -sum(credits)::int FROM ledger_entries
    WHERE appointment_id IS NOT NULL GROUP BY 1 HAVING sum(credits) <> 0
"""
BALANCE = "SELECT balance FROM customer_packages"
OPEN = "SELECT id::text FROM appointment_holds WHERE held_version IS NOT NULL OR ask_at IS NOT NULL"


@dataclass
class Desk:
    """The studio's, where somebody insists until there is an answer."""

    studio: Studio
    customer: str
    places: list[dict[str, str]]
    promised: dict[str, datetime] = field(default_factory=dict)
    """Appointments that were said to be confirmed, and when."""

    async def insist(self, path: str, **wanted: Any) -> httpx2.Response:
        headers = {"Idempotency-Key": uuid4().hex, "If-Match": "*"}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    answer = await self.studio.ask("POST", path, json=wanted, headers=headers)
                except httpx2.TransportError:
                    answer = None
                if answer is not None:
                    if answer.is_success:
                        return answer
                    assert answer.json()["type"] in TRY_AGAIN, answer.text
                await asyncio.sleep(0.1)

    async def book(self) -> str:
        known = {"service_id": self.studio.service, "customer_id": self.customer}
        answer = await self.insist("/api/appointments", **known | self.places.pop())
        self.promise(answer, 201)
        return str(answer.json()["id"])

    async def book_ahead(self) -> str:
        """Confirmed, however long a slow machine takes to say so."""
        id_ = await self.book()

        async def is_confirmed() -> bool:
            booked = await self.studio.told("GET", f"/api/appointments/{id_}")
            if booked["status"] == "confirmed":
                self.promised[id_] = datetime.fromisoformat(booked["starts_at"])
            return id_ in self.promised

        await eventually(is_confirmed, within_seconds=WHOLE_SECONDS)
        return id_

    async def move(self, id_: str) -> None:
        where = {"starts_at": self.places.pop()["starts_at"]}
        del self.promised[id_]
        self.promise(await self.insist(f"/api/appointments/{id_}/reschedule", **where), 200)

    async def cancel(self, id_: str) -> None:
        del self.promised[id_]
        await self.insist(f"/api/appointments/{id_}/cancel")

    def promise(self, answer: httpx2.Response, status: int) -> None:
        """Of what was only accepted, nothing is known but that it ends."""
        assert answer.status_code in (status, 202), answer.text
        booked = answer.json()
        if answer.status_code == status:
            self.promised[booked["id"]] = datetime.fromisoformat(booked["starts_at"])

    async def be_busy(self, ahead: list[str]) -> None:
        """One of each, at the same time."""
        moving, leaving = ahead.pop(), ahead.pop()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.book())
            group.create_task(self.move(moving))
            group.create_task(self.cancel(leaving))


@pytest.fixture
async def desk(stack: RunningStack, gateway: httpx2.AsyncClient) -> AsyncIterator[Desk]:
    studio = await open_studio(gateway, resource_kinds=["reformer"], credit_cost=1, price_cents=90)
    reformer = {"name": "Reformer", "category": "machine", "kind": "reformer"}
    await studio.told("POST", "/api/resources", json=reformer)
    type_ = {"name": "Privates", "credits": SOLD, "price_cents": 100}
    package = await studio.told("POST", "/api/package-types", json=type_)
    ada = {"name": "Ada", "email": f"ada@{studio.slug}.example.com"}
    customer = (await studio.told("POST", "/api/customers", json=ada))["id"]
    sale = {"customer_id": customer, "package_type_id": package["id"], "paid_with": "card"}
    await studio.told("POST", "/api/customer-packages", json=sale)
    yield Desk(studio, customer, studio.places(60))
    # Whoever was stopped goes on, also after a failure.
    for name in KILLED:
        await send(stack, name, signal.SIGCONT)


async def test_whoever_dies_at_any_step_leaves_it_whole_or_absent(
    stack: RunningStack, desk: Desk
) -> None:
    ahead = [await desk.book_ahead() for _ in range(2 * len(STEPS))]
    for step in STEPS:
        arm_once(stack.home, step)
        await desk.be_busy(ahead)
        await eventually(lambda step=step: died(stack, step), within_seconds=30)
    await check_whole(stack, desk)


async def test_killed_or_silent_at_any_moment_it_is_whole_or_absent(
    stack: RunningStack, desk: Desk
) -> None:
    ahead = [await desk.book_ahead() for _ in range(2 * len(KILLED) + 4)]
    for name in KILLED:
        busy = asyncio.create_task(desk.be_busy(ahead))
        await asyncio.sleep(0.01)
        await send(stack, name, signal.SIGKILL)
        await busy
    for name in ("pilates-worker", "scheduling-worker"):
        # Apart for longer than anybody waits: what was asked is heard when nobody listens.
        await send(stack, name, signal.SIGSTOP)
        busy = asyncio.create_task(desk.be_busy(ahead))
        await asyncio.sleep(SILENT_SECONDS)
        await send(stack, name, signal.SIGCONT)
        await busy
    await check_whole(stack, desk)


async def send(stack: RunningStack, name: str, what: signal.Signals) -> None:
    """To the process as it is now, or as soon as it is there again."""

    async def was_sent() -> bool:
        with suppress(ProcessLookupError):
            os.kill(stack.pid(name), what)
            return True
        return False

    await eventually(was_sent)


async def died(stack: RunningStack, step: str) -> bool:
    return has_fired(stack.home, step)


async def check_whole(stack: RunningStack, desk: Desk) -> None:
    since = time.monotonic()

    async def is_whole() -> bool:
        return not differences(stack, desk)

    try:
        await eventually(is_whole, within_seconds=WHOLE_SECONDS)
    except AssertionError:
        assert differences(stack, desk) == {}
    print(f"whole after {time.monotonic() - since:.1f} s")  # noqa: T201


def differences(stack: RunningStack, desk: Desk) -> dict[str, Any]:
    """What does not belong together, by where it is."""

    def read(service: str, query: str) -> list[Any]:
        return rows(stack, service, desk.studio.business_id, query)

    appointments = read("scheduling", APPOINTMENTS)
    confirmed = {
        id_: at.astimezone(UTC) for id_, status, at, _ in appointments if status == "confirmed"
    }
    whole = sorted(confirmed.items())
    found = {
        "open": [row for row in appointments if not row[3] or row[1] == "pending"],
        "promised": [one for one in desk.promised.items() if one not in whole],
        "claims": read("scheduling", CLAIMS),
        "machines": read("pilates", MACHINES),
        "paid": read("pilates", PAID),
        "balance": read("pilates", BALANCE),
        "held": read("pilates", OPEN),
    }
    right = {
        "open": [],
        "promised": [],
        "claims": whole,
        "machines": whole,
        "paid": [(id_, 1) for id_ in sorted(confirmed)],
        "balance": [(SOLD - len(confirmed),)],
        "held": [],
    }
    return {where: what for where, what in found.items() if in_order(what) != right[where]}


def in_order(found: list[Any]) -> list[Any]:
    return sorted(
        tuple(one.astimezone(UTC) if isinstance(one, datetime) else one for one in row)
        for row in found
    )
