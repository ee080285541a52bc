"""Appointments of a client who wants to be forgotten stay; who it was is told nowhere any more."""

from typing import Any
from uuid import UUID, uuid4

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
