"""Places and packages of a client who wants to be forgotten stay; who it was is told nowhere."""

from typing import Any
from uuid import uuid4

from chassis.outbox import OutboxMessage
from chassis.testing import eventually
from contracts.portal import ErasureRequested
from pilates.attendances.models import Attendance
from services.pilates.tests.booking_page import publish_page
from services.pilates.tests.studio import Studio

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def found(server: Any, text: str) -> list[str]:
    """Tables that say it, also as the bytes of a kept answer."""
    spoken = f"%{text}%", f"%{text.encode().hex()}%"
    with server.connect("pilates") as connection:
        tables = [table for (table,) in connection.execute(TABLES).fetchall()]
        named = "SELECT 1 FROM {} AS t WHERE t::text ILIKE %s OR t::text ILIKE %s LIMIT 1"
        return [
            table
            for table in tables
            if connection.execute(named.format(table).encode(), spoken).fetchone()
        ]


async def test_reasons_and_kept_answers_are_forgotten_with_who_it_was(
    studio: Studio, rows: Any, database_server: Any
) -> None:
    word = f"zq{uuid4().hex}"
    flow = await studio.template(credit_cost=0, price_cents=0)
    await publish_page(studio, flow)
    session = await studio.publish_class("2027-01-11T18:00", template_id=flow)
    guest = {"name": f"Ada {word}", "email": f"{word}@example.com"}
    booked = await studio.client.post(
        f"/api/public/booking/{studio.slug}/attendances",
        json={"session_id": session["id"], "customer": guest, "companions": [{"name": word}]},
        headers={"Idempotency-Key": word},
    )
    assert booked.status_code == 201, booked.text
    package = await studio.sell(word)
    [customer] = await studio.introduce(word)
    why = {"reason": f"{word} is ill"}
    path, key = f"/customer-packages/{package}", {"Idempotency-Key": word}
    frozen = {"first_on": "2027-02-01", "last_on": "2027-02-07"} | why
    await studio.told("POST", f"{path}/freeze", json=frozen, headers=key)
    await studio.told("POST", f"{path}/adjustments", json={"credits": 1} | why, headers=key)

    async def is_hers() -> bool:
        return {place.payer_id for place in await rows(Attendance, studio.id)} == {customer}

    await eventually(is_hers)

    async def all_has_left() -> bool:
        return all(event.published_at for event in await rows(OutboxMessage, studio.id))

    await eventually(all_has_left)
    assert {"attendances", "freezes", "idempotency_keys", "ledger_entries"} <= set(
        found(database_server, word)
    )
    new = {"customer_id": customer, "email": f"{word}@new.example.com"}
    await studio.tell(ErasureRequested, erasure_id=uuid4(), **new)

    async def nothing_is_left() -> bool:
        return found(database_server, word) == []

    await eventually(nothing_is_left)
