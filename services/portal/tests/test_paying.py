"""What a client has to pay before it stands: where, until when, and for whom."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from chassis.testing import eventually
from contracts.manage_links import ManageLink, sign
from services.portal.tests.test_appointments import book, offered
from services.portal.tests.test_places import CLASS, NOW, published, signed_in_again

WEBHOOK = "/api/webhooks/class-payments/sandbox"
TEN_MINUTES = timedelta(minutes=10)
IN_MONEY = {"credit_cost": 0, "price_cents": 2500, "capacity": 6}


@pytest.fixture
async def mia(studio, clock) -> Any:
    clock.set(NOW)
    return await studio.client()


async def book_class(client: Any, studio: Any, **class_: Any) -> dict[str, Any]:
    """Once pilates has heard of the client."""
    session = await published(studio, **IN_MONEY | class_)

    async def booked() -> Any:
        answer = await client.ask("POST", "/bookings", json={"session_id": session})
        return answer.json() if answer.status_code == 201 else None

    found: dict[str, Any] = (await eventually(booked))["bookings"][0]
    return found


async def pay(studio: Any, sandbox: Any, pay_url: str) -> None:
    """As a browser that follows the link does; then the provider tells pilates."""
    opened = await studio.owners.pilates.get(httpx2.URL(pay_url).path)
    assert opened.status_code == 303, opened.text
    checkout = sandbox.pay(opened.headers["location"])

    async def heard() -> bool:
        body, headers = sandbox.message("paid", checkout)
        told = await studio.owners.pilates.post(WEBHOOK, content=body, headers=headers)
        return bool(told.status_code == 200)

    await eventually(heard)


async def test_the_answer_and_the_list_say_where_to_pay_until_it_is_paid(
    mia, studio, sandbox
) -> None:
    place = await book_class(mia, studio)
    assert (place["payment_status"], place["pay_cents"]) == ("awaited", 2500)
    assert datetime.fromisoformat(place["pay_by"]) == NOW + TEN_MINUTES
    assert place["pay_url"]
    [listed] = await mia.bookings()
    named = ("pay_url", "pay_by", "pay_cents")
    assert [listed[name] for name in named] == [place[name] for name in named]
    told = await studio.heard.told("pilates.place.booked", studio.id)
    assert told["pay_url"] == place["pay_url"]
    await pay(studio, sandbox, place["pay_url"])

    async def is_paid() -> bool:
        found = await mia.told("GET", f"/bookings/{place['id']}")
        gone = [found[name] for name in named] == [None] * 3
        return gone and found["payment_status"] == "paid"

    await eventually(is_paid)


async def test_from_its_end_on_nothing_says_to_pay_it(mia, studio, clock) -> None:
    place = await book_class(mia, studio)
    clock.set(NOW + TEN_MINUTES - timedelta(microseconds=1))
    mia = await signed_in_again(studio, mia)
    seen = await mia.told("GET", f"/bookings/{place['id']}")
    assert (seen["pay_url"], seen["may_cancel"]) == (place["pay_url"], True)
    clock.set(NOW + TEN_MINUTES)
    seen = await mia.told("GET", f"/bookings/{place['id']}")
    assert (seen["pay_url"], seen["pay_cents"], seen["may_cancel"]) == (None, None, False)


async def test_the_link_to_one_booking_says_where_to_pay_it_too(
    mia, studio, portal, sandbox, settings, clock
) -> None:
    place = await book_class(mia, studio)
    named = ManageLink(business_id=studio.id, noun="place", id=UUID(place["id"]))
    link = f"/api/portal/manage/{sign(named, settings.link_secret)}"
    seen = (await portal.get(link)).json()
    assert [seen[name] for name in ("pay_url", "pay_cents")] == [place["pay_url"], 2500]
    assert datetime.fromisoformat(seen["pay_by"]) == NOW + TEN_MINUTES
    clock.set(NOW + TEN_MINUTES)
    late = (await portal.get(link)).json()
    assert (late["pay_url"], late["pay_cents"], late["may_cancel"]) == (None, None, False)
    clock.set(NOW + TEN_MINUTES - timedelta(seconds=1))
    await pay(studio, sandbox, place["pay_url"])

    async def is_paid() -> bool:
        found = (await portal.get(link)).json()
        return [found[name] for name in ("pay_by", "pay_url", "pay_cents")] == [None] * 3

    await eventually(is_paid)


async def test_a_party_that_is_paid_together_is_cancelled_as_a_whole(mia, studio) -> None:
    owner = studio.owners
    kind = {name: value for name, value in CLASS.items() if name != "starts_at"} | IN_MONEY
    template = (await studio.told(owner.pilates, "POST", "/class-templates", json=kind))["id"]
    page = {
        "slug": f"page-{uuid4().hex[:8]}",
        "title": "Book",
        "published": True,
        "configuration": {"class_ids": [template]},
    }
    await studio.told(owner.catalog, "POST", "/booking-pages", json=page)
    session = await published(studio, **IN_MONEY, template_id=template)
    wanted = {
        "session_id": session,
        "customer": {"name": "Mia Sommer", "email": mia.email},
        "companions": [{}],
    }

    async def booked() -> Any:
        path = f"/api/public/booking/{page['slug']}/attendances"
        made = await owner.pilates.post(path, json=wanted)
        return made.json()["attendances"] if made.status_code == 201 else None

    first, second = await eventually(booked)
    place, company = await mia.booking(first["id"]), await mia.booking(second["id"])
    assert (place["pay_cents"], company["pay_url"]) == (5000, None)
    assert place["party_id"] == company["party_id"]
    refused = await mia.change(company, "cancel")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/paid-together")
    assert set(refused.json()["attendance_ids"]) == {first["id"], second["id"]}
    assert "whole_party" in refused.json()["detail"]
    done = await mia.change(company, "cancel", whole_party=True, reason="Both ill")
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")
    assert await mia.bookings() == []
    gone = await mia.bookings(when="past")
    assert {one["id"] for one in gone} == {first["id"], second["id"]}


async def test_an_appointment_has_no_party(mia, studio) -> None:
    id_ = await studio.appointment(mia.customer_id, "2027-01-06T09:00:00Z")
    refused = await mia.change(await mia.booking(id_), "cancel", whole_party=True)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-request")


async def test_a_private_booking_says_where_its_deposit_is_paid(open_offering) -> None:
    studio = await open_offering(
        credit_cost=0, deposit={"kind": "fixed", "amount_cents": 2000}, price_cents=9500
    )
    mia = await studio.client()
    assert (await offered(mia))["deposit_cents"] == 2000
    made = await book(mia, studio)
    assert made.status_code == 201, made.text
    [one] = made.json()["bookings"]
    assert (one["status"], one["payment_status"], one["pay_cents"]) == ("pending", "awaited", 2000)
    assert one["pay_url"]
    [listed] = await mia.bookings()
    assert listed["pay_url"] == one["pay_url"]
