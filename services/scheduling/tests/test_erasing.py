"""Appointments of a client who wants to be forgotten stay; who it was is told nowhere any more."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from chassis import outbox
from chassis.runtime import Runtime
from chassis.testing import eventually
from contracts import catalog
from contracts.portal import ErasureRequested

DAY = "2027-01-05"
KEPT = ("outbox", "dead_events", "idempotency_keys", "appointments", "customers", "audit_trail")
LEFT = "SELECT count(*) FROM outbox WHERE address LIKE %s AND published_at IS NULL"
KEPT_AS = "SELECT version, email FROM customers WHERE id = %s"
OWNED = "SELECT count(*) FROM appointments WHERE business_id = %s AND customer_id = %s"


def found(server: Any, text: str) -> set[str]:
    """Tables that say it, also as the bytes of a kept answer."""
    spoken = f"%{text}%", f"%{text.encode().hex()}%"
    with server.connect("scheduling") as connection:
        named = "SELECT 1 FROM {} AS t WHERE t::text ILIKE %s OR t::text ILIKE %s LIMIT 1"
        return {
            table
            for table in KEPT
            if connection.execute(named.format(table).encode(), spoken).fetchone()
        }


async def test_what_a_client_did_as_a_guest_of_another_address_is_forgotten_and_nobody_elses(
    open_studio, database_server
) -> None:
    studio, word = await open_studio(), uuid4().hex
    who = {"name": f"Ada {word}", "email": f"ada-{word}@example.com"}
    neighbour = {"name": "Diana", "email": f"di{who['email']}"}
    for hour, guest in ((9, who), (10, neighbour)):
        key = {"headers": {"Idempotency-Key": f"{hour}-{word}"}}
        booked = await studio.book(f"{DAY}T{hour:02}:00:00Z", customer=guest, **key)
        assert booked.status_code == 201, booked.text
    customer = catalog.Customer(id=uuid4(), version=1, name=who["name"], email=who["email"])
    await studio.tell(catalog.CustomerChanged, customer=customer)
    await eventually(lambda: owns(database_server, studio.id, customer.id))
    moved = customer.model_copy(update={"version": 2, "email": f"{word}@new.example.com"})
    await studio.tell(catalog.CustomerChanged, customer=moved)
    # What is kept of her is heard by itself, and may come later than who she is.
    await eventually(lambda: keeps(database_server, moved))
    await eventually(lambda: all_left(database_server, studio.id))
    assert found(database_server, who["name"]) >= {"outbox", "appointments", "customers"}
    known = {"customer_id": customer.id, "email": moved.email}
    await studio.tell(ErasureRequested, erasure_id=uuid4(), **known)

    async def nothing_is_left() -> bool:
        words = (who["name"], f'"{who["email"]}"', f"{word}@new.example.com")
        return not any(found(database_server, text) for text in words)

    await eventually(nothing_is_left)
    # Her address ends like that of whoever is forgotten.
    assert found(database_server, neighbour["email"]) >= {"outbox", "appointments"}


async def owns(server: Any, business_id: UUID, customer_id: UUID) -> bool:
    with server.connect("scheduling") as connection:
        return connection.execute(OWNED, (business_id, customer_id)).fetchone() == (1,)


async def keeps(server: Any, customer: catalog.Customer) -> bool:
    with server.connect("scheduling") as connection:
        kept = connection.execute(KEPT_AS, (customer.id,)).fetchone()
        return kept == (customer.version, customer.email)


async def all_left(server: Any, business_id: UUID) -> bool:
    with server.connect("scheduling") as connection:
        return connection.execute(LEFT, (f"%.{business_id}",)).fetchone() == (0,)


async def test_what_is_about_to_leave_is_forgotten_once_it_has_left(
    open_studio, database_server, monkeypatch
) -> None:
    studio, word = await open_studio(), uuid4().hex
    relay, goes_on = outbox.forward, asyncio.Event()

    async def held_up(runtime: Runtime) -> int:
        await goes_on.wait()
        return await relay(runtime)

    monkeypatch.setattr(outbox, "forward", held_up)
    guest = {"name": f"Ada {word}", "email": f"ada-{word}@example.com"}
    booked = await studio.book(f"{DAY}T09:00:00Z", customer=guest)
    assert booked.status_code == 201, booked.text
    nobody_here = uuid4()
    for id_, email in ((uuid4(), guest["email"]), (nobody_here, None)):
        await studio.tell(ErasureRequested, erasure_id=uuid4(), customer_id=id_, email=email)
    # It has been tried, then, since whoever comes behind it has had an answer.
    await eventually(lambda: is_told(database_server, nobody_here))
    goes_on.set()

    async def nothing_is_left() -> bool:
        return not found(database_server, guest["name"])

    await eventually(nothing_is_left)


async def is_told(server: Any, customer_id: UUID) -> bool:
    return "outbox" in found(server, str(customer_id))
