"""Appointments that clients book for themselves: with credits, or in money as guests do."""

import asyncio
from typing import Any
from uuid import uuid4

from chassis.testing import eventually
from contracts.client_requests import SettleAppointmentAsCustomer
from services.portal.tests.test_places import balance, balance_becomes, with_credits

NINE, TEN = "2027-01-06T09:00:00Z", "2027-01-06T10:00:00Z"
DAYS = {"from": "2027-01-06", "to": "2027-01-06"}


async def offered(client: Any) -> dict[str, Any]:
    """Once scheduling has heard of the page and of the client."""

    async def look() -> dict[str, Any] | None:
        answer = await client.ask("GET", "/services")
        return next(iter(answer.json()["services"]), None) if answer.is_success else None

    return await eventually(look)


async def book(client: Any, studio: Any, starts_at: str = NINE, **wanted: Any) -> Any:
    headers = wanted.pop("headers", {})
    said = {"service_id": studio.service, "starts_at": starts_at} | wanted
    return await client.ask("POST", "/bookings", json=said, headers=headers)


async def booked(client: Any, studio: Any, starts_at: str = NINE, **wanted: Any) -> dict[str, Any]:
    """Confirmed, at once or once a busy pilates has said so."""
    answer = await book(client, studio, starts_at, **wanted)
    assert answer.status_code in (201, 202), answer.text
    [one] = answer.json()["bookings"]
    assert answer.headers["Location"] == f"/api/portal/bookings/{one['id']}"

    async def is_confirmed() -> dict[str, Any] | None:
        found: dict[str, Any] = await client.told("GET", f"/bookings/{one['id']}")
        return found if found["status"] == "confirmed" else None

    return await eventually(is_confirmed)


async def test_a_client_finds_a_time_and_books_it_with_a_credit(open_offering) -> None:
    studio = await open_offering()
    mia = await studio.client()
    service = await offered(mia)
    assert (service["id"], service["credit_cost"]) == (studio.service, 1)
    await with_credits(studio, mia)
    path = f"/services/{studio.service}/slots"
    slots = await mia.told("GET", path, params=DAYS)
    assert NINE in [slot["starts_at"] for slot in slots["slots"]]
    one = await booked(mia, studio)
    assert (one["kind"], one["starts_at"]) == ("appointment", NINE)
    assert (one["credits"], one["price_cents"]) == (1, 0)
    assert one["at_stake"] == {"credits": 1, "deposit_cents": 0}
    assert [seen["id"] for seen in await mia.bookings()] == [one["id"]]
    await balance_becomes(mia, 4)
    told = await studio.heard.told("scheduling.appointment.confirmed", studio.id)
    assert told["appointment"]["id"] == one["id"]
    slots = await mia.told("GET", path, params=DAYS)
    assert NINE not in [slot["starts_at"] for slot in slots["slots"]]
    cancelled = await mia.change(await mia.booking(one["id"]), "cancel")
    assert cancelled.status_code == 200, cancelled.text
    await balance_becomes(mia, 5)


async def test_without_a_credit_the_answer_says_why_and_nothing_is_left(open_offering) -> None:
    studio = await open_offering()
    mia = await studio.client()
    await offered(mia)
    key = {"Idempotency-Key": "the-first-private"}

    async def refused() -> Any:
        answer = await book(mia, studio, headers=key)
        return answer if answer.status_code == 409 else None

    answer = await eventually(refused)
    assert answer.json()["type"] == "/problems/not-held"
    assert answer.json()["reason"]["type"] == "/problems/no-credit"
    assert await mia.bookings() == []
    one = await booked(mia, studio, pay_with="at_studio")
    assert (one["price_cents"], one["credits"]) == (9500, 0)
    # What was refused may be asked again, with the same key.
    await with_credits(studio, mia)
    again = await book(mia, studio, headers=key)
    assert again.json()["type"] == "/problems/slot-taken"
    await booked(mia, studio, TEN, headers={"Idempotency-Key": "the-second-private"})


async def test_one_key_books_once_however_often_it_is_sent(open_offering) -> None:
    studio = await open_offering()
    mia = await studio.client()
    await offered(mia)
    await with_credits(studio, mia)
    key = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(book(mia, studio, headers=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert len({answer.json()["bookings"][0]["id"] for answer in answers}) == 1
    assert len(await mia.bookings()) == 1
    await balance_becomes(mia, 4)
    reused = await book(mia, studio, TEN, headers=key)
    assert (reused.status_code, reused.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await balance(mia) == 4


async def test_what_is_not_on_a_page_or_another_studio_s_does_not_exist(
    open_offering, open_studio
) -> None:
    studio = await open_offering()
    elsewhere = await open_offering()
    hidden = await studio.told(
        studio.owners.catalog,
        "POST",
        "/services",
        json={
            "name": "For friends",
            "duration_minutes": 60,
            "price_cents": 1,
            "staff_ids": studio.staff,
        },
    )
    mia = await studio.client()
    await offered(mia)
    seen = (await mia.told("GET", "/services"))["services"]
    assert [one["id"] for one in seen] == [studio.service]
    for id_ in (elsewhere.service, hidden["id"], str(uuid4())):
        answer = await book(mia, studio, service_id=id_)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), id_
        answer = await mia.ask("GET", f"/services/{id_}/slots", params=DAYS)
        assert answer.status_code == 404, id_


async def test_while_it_is_unknown_the_answer_is_never_that_it_failed(
    open_offering, monkeypatch
) -> None:
    studio = await open_offering()
    mia = await studio.client()
    await offered(mia)
    await with_credits(studio, mia)
    key = {"Idempotency-Key": "lost"}
    # Nobody hears what is asked second, as if scheduling had gone away in between.
    monkeypatch.setattr(SettleAppointmentAsCustomer, "subject", "ask.nobody.at-all")
    unknown = await book(mia, studio, headers=key)
    assert (unknown.status_code, unknown.json()["type"]) == (503, "/problems/no-reply")
    monkeypatch.undo()
    await booked(mia, studio, headers=key)
    assert len(await mia.bookings()) == 1
    await balance_becomes(mia, 4)


async def test_it_names_a_class_or_an_appointment_and_not_both(open_offering) -> None:
    studio = await open_offering()
    mia = await studio.client()
    for odd in (
        {"session_id": str(uuid4())},
        {"join_waitlist": True},
        {"spot_id": str(uuid4())},
        {"starts_at": "2027-03-28T02:30:00"},
        {"starts_at": "9999-12-31T23:59:59Z"},
        {"starts_at": None},
        {"service_id": None},
        {"answers": {"": "x"}},
        {"answers": {str(number): "x" for number in range(50)}},
        {"pay_with": "gold"},
    ):
        answer = await book(mia, studio, **odd)
        assert answer.status_code == 422, (odd, answer.text)
    assert (await mia.ask("POST", "/bookings", json={})).status_code == 422
