"""Who books without being known becomes a customer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from chassis.testing import eventually, publish
from contracts.pilates import (
    Attendance,
    ClassSession,
    PlaceBooked,
    WaitlistEntry,
    WaitlistJoined,
)
from contracts.scheduling import Appointment, AppointmentConfirmed, AppointmentRequested

NOW = datetime.now(UTC)
GUEST = {"customer_id": None, "customer_name": "Gina Guest", "customer_email": "gina@guest.example"}


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
        "customer_phone": "030 901820",
        "price_cents": 9500,
        "currency": "EUR",
        "business_name": "Core",
        "time_zone": "Europe/Berlin",
        "locale": "de",
    }
    return Appointment(**(facts | GUEST | changed))


def class_session() -> ClassSession:
    return ClassSession(
        id=uuid4(),
        version=1,
        uid="u",
        sequence=0,
        status="published",
        template_id=None,
        series_id=None,
        name="Reformer Flow",
        starts_at=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=1, hours=1),
        capacity=8,
        instructor_id=None,
        instructor_name=None,
        room_id=None,
        room_name=None,
        credit_cost=0,
        price_cents=0,
        currency="EUR",
        late_cancel_window_minutes=720,
        business_name="Core",
        time_zone="Europe/Berlin",
        locale="de",
    )


def place(**changed: Any) -> Attendance:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "uid": "u",
        "sequence": 0,
        "status": "booked",
        "session": class_session(),
        "customer_phone": "030 901820",
        "party_id": uuid4(),
        "payer_id": None,
        "payer_email": None,
        "spot_label": None,
        "paid_with": "nothing",
        "credits": 0,
        "package_id": None,
        "package_name": None,
        "price_cents": 0,
        "payment_status": "none",
        "pay_by": None,
        "free_until": NOW,
        "booked_at": NOW,
    }
    return Attendance(**(facts | GUEST | changed))


def waits(**changed: Any) -> WaitlistEntry:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "status": "waiting",
        "session": class_session(),
        "party_size": 1,
        "position": 1,
        "offer_expires_at": None,
        "skip_reason": None,
    }
    return WaitlistEntry(**(facts | GUEST | changed))


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

    async def all_are_answered() -> bool:
        subjects = [message.subject for message in heard.messages]
        return subjects.count(f"catalog.customer.changed.v1.{studio.id}") == len(events)

    await eventually(all_are_answered)
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


async def test_who_books_a_place_in_a_class_or_waits_for_one_becomes_a_customer_as_well(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, nats_url: str
) -> None:
    told = {"occurred_at": NOW, "business_id": studio.id}
    await publish(
        nats_url,
        PlaceBooked(attendance=place(customer_id=uuid4(), customer_email="k@example.com"), **told),
        PlaceBooked(attendance=place(customer_name="Gina Guest +1", customer_email=None), **told),
        PlaceBooked(attendance=place(), **told),
        WaitlistJoined(entry=waits(customer_email="wim@guest.example"), **told),
        AppointmentConfirmed(appointment=booked(customer_email="last@guest.example"), **told),
    )

    async def listed() -> dict[str, str | None]:
        items = (await catalog.get("/api/customers", headers=studio.owner)).json()["items"]
        found = {item["email"]: item["phone"] for item in items}
        return found if len(found) == 3 else {}

    assert await eventually(listed) == {
        "gina@guest.example": "+4930901820",
        "wim@guest.example": None,
        "last@guest.example": "+4930901820",
    }


async def test_a_newcomer_lives_where_their_page_has_said_and_nobody_is_moved_by_it(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, nats_url: str
) -> None:
    await studio.add("customers", name="Ina", email="ina@guest.example", time_zone="Asia/Tokyo")
    await heard.told("customer.changed", studio.id, name="Ina")
    there = {"customer_time_zone": "Atlantic/Canary"}
    odd = {"customer_email": "odd@guest.example", "customer_time_zone": "Mars/Olympus"}
    told = {"occurred_at": NOW, "business_id": studio.id}
    await publish(
        nats_url,
        AppointmentConfirmed(
            appointment=booked(customer_email="ina@guest.example", **there), **told
        ),
        AppointmentConfirmed(appointment=booked(**odd), **told),
        PlaceBooked(attendance=place(customer_email="p@guest.example", **there), **told),
        WaitlistJoined(entry=waits(customer_email="w@guest.example", **there), **told),
        AppointmentConfirmed(appointment=booked(**there), **told),
    )

    async def listed() -> dict[str, str | None]:
        items = (await catalog.get("/api/customers", headers=studio.owner)).json()["items"]
        found = {item["email"]: item["time_zone"] for item in items}
        return found if len(found) == 5 else {}

    assert await eventually(listed) == {
        "ina@guest.example": "Asia/Tokyo",
        "odd@guest.example": None,
        "p@guest.example": "Atlantic/Canary",
        "w@guest.example": "Atlantic/Canary",
        "gina@guest.example": "Atlantic/Canary",
    }
