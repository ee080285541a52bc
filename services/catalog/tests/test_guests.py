"""Who books without being known becomes a customer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from chassis.testing import eventually, publish
from contracts.scheduling import Appointment, AppointmentConfirmed, AppointmentRequested

NOW = datetime.now(UTC)


def booked(**changed: Any) -> Appointment:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "uid": "u",
        "sequence": 0,
        "status": "confirmed",
        "starts_at": NOW + timedelta(days=1),
        "ends_at": NOW + timedelta(days=1, hours=1),
        "service_id": uuid4(),
        "service_name": "Reformer",
        "staff_id": uuid4(),
        "staff_name": "Ana",
        "customer_id": None,
        "customer_name": "Gina Guest",
        "customer_email": "gina@guest.example",
        "customer_phone": "030 901820",
        "price_cents": 9500,
        "currency": "EUR",
        "business_name": "Core",
        "time_zone": "Europe/Berlin",
        "locale": "de",
    }
    return Appointment(**(facts | changed))


async def test_a_guest_becomes_one_customer_and_is_told(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, nats_url: str
) -> None:
    events = [
        kind(occurred_at=NOW, business_id=studio.id, appointment=appointment)
        for kind, appointment in (
            (AppointmentRequested, booked()),
            (AppointmentConfirmed, booked()),
            (AppointmentConfirmed, booked(customer_email="GINA@guest.example")),
        )
    ]
    await publish(nats_url, *events)
    told = await heard.told("customer.changed", studio.id, name="Gina Guest")
    assert told["customer"]["phone"] == "+4930901820"
    listed = await catalog.get("/api/customers", headers=studio.owner)
    assert [item["email"] for item in listed.json()["items"]] == ["gina@guest.example"]


async def test_a_known_customer_is_told_again_and_stays_as_they_are(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, nats_url: str
) -> None:
    kept = await studio.add("customers", name="Gina", email="Gina@Guest.example")
    await heard.told("customer.changed", studio.id)
    before = len(heard.messages)
    event = AppointmentConfirmed(occurred_at=NOW, business_id=studio.id, appointment=booked())
    await publish(nats_url, event)

    async def told_again() -> bool:
        return any(kept["id"] in message.data.decode() for message in heard.messages[before:])

    await eventually(told_again)
    listed = await catalog.get("/api/customers", headers=studio.owner)
    assert listed.json()["items"] == [kept]


async def test_an_email_that_is_none_makes_no_customer(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, nats_url: str
) -> None:
    odd = (booked(customer_email="nonsense"), booked(customer_email=None), booked())
    events = [
        AppointmentConfirmed(occurred_at=NOW, business_id=studio.id, appointment=appointment)
        for appointment in odd
    ]
    await publish(nats_url, *events)
    await heard.told("customer.changed", studio.id, name="Gina Guest")
    listed = await catalog.get("/api/customers", headers=studio.owner)
    assert len(listed.json()["items"]) == 1
