"""What is paid for places: once for a party, counted, given back as a whole, or kept."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from chassis.testing import eventually
from contracts.pilates import DropInPaid, DropInRefunded, PlaceBooked, PlaceCancelled, PlaceChanged
from pilates.settings import PilatesSettings
from services.pilates.tests.studio import MovedClock
from services.pilates.tests.telling import events
from services.pilates.tests.till import Till

A_MOMENT = timedelta(microseconds=1)


async def test_a_party_pays_once_and_goes_as_a_whole(till: Till) -> None:
    company = [{"name": "Bea", "email": "bea@guest.example"}, {}]
    booked = await till.book(await till.publish(), companions=company)
    ids = {place["id"] for place in booked.places}
    state = await booked.state()
    assert (state["amount_cents"], state["places"]) == (7500, 3)
    told = await events(till.studio, PlaceBooked)
    assert [one.pay_url is not None for one in told] == [True, False, False]
    assert [one.pay_cents for one in told] == [7500, None, None]
    await booked.pay()
    assert await booked.is_("booked", "paid")
    [receipt] = await till.receipts()
    assert receipt["about"].startswith("3 ")
    changed = await events(till.studio, PlaceChanged)
    assert [(one.cause, one.notify_customer) for one in changed].count(("payment", True)) == 1
    assert {str(one.attendance.id) for one in changed} < ids
    for wanted in ({}, {"on_behalf_of": "customer"}):
        answer = await booked.cancel(at=1, **wanted)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/paid-together")
        assert set(answer.json()["attendance_ids"]) == ids
    there = await till.publish("2027-01-12T18:00")
    place = booked.places[1] | {"version": (await booked.rows())[0].version}
    answer = await till.studio.change(place, "move", session_id=there)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/paid-together")
    answer = await booked.cancel(at=1, whole_party=True, on_behalf_of="customer")
    assert answer.status_code == 200, answer.text
    await eventually(lambda: booked.is_("cancelled", "refunded"))
    assert await till.kinds() == ["payment", "refund"]
    assert await till.told(DropInPaid, DropInRefunded, PlaceCancelled) == [1, 1, 3]


@pytest.mark.parametrize(
    ("late", "by", "status", "becomes"),
    [
        (timedelta(), "customer", "cancelled", "refunded"),
        (A_MOMENT, "customer", "late_cancelled", "forfeited"),
        (A_MOMENT, "business", "cancelled", "refunded"),
    ],
)
async def test_late_a_customer_forfeits_it_and_the_studio_gives_it_back(
    till: Till, clock: MovedClock, late: timedelta, by: str, status: str, becomes: str
) -> None:
    booked = await till.book(await till.publish())
    await booked.pay()
    [told] = await events(till.studio, DropInPaid)
    clock.set((told.attendance.free_until + late).isoformat())
    answer = await booked.cancel(on_behalf_of=by)
    assert answer.status_code == 200, answer.text
    await eventually(lambda: booked.is_(status, becomes))
    assert ("refund" in await till.kinds()) == (becomes == "refunded")


async def test_a_cancelled_class_gives_back_what_was_paid_and_asks_for_nothing_more(
    till: Till,
) -> None:
    made = await till.publish()
    paid = [await till.book(made, "ada", companions=[{}]), await till.book(made, "bea")]
    for one in paid:
        await one.pay()
    unpaid = await till.book(made, "cleo")
    page = await unpaid.page()
    version = (await till.studio.told("GET", f"/class-sessions/{made}"))["version"]
    path, seen = f"/class-sessions/{made}/cancel", {"If-Match": f'"{version}"'}
    await till.studio.told("POST", path, json={}, headers=seen)
    for one in paid:
        await eventually(lambda one=one: one.is_("cancelled", "refunded"))
    assert sorted(await till.kinds()) == ["payment"] * 2 + ["refund"] * 2
    assert await unpaid.is_("cancelled", "none")
    assert (await till.studio.client.post(unpaid.link)).status_code == 410

    async def is_ended() -> bool:
        return page.state == "ended"

    await eventually(is_ended)


async def test_paid_and_cancelled_at_the_same_moment_it_goes_back(till: Till) -> None:
    made = await till.publish()
    parties = [await till.book(made, name, companions=[{}]) for name in ("ada", "bea", "cleo")]
    for booked in parties:
        checkout = await booked.checkout()
        place = booked.places[0]
        path = f"/class-sessions/{made}/attendances/{place['id']}/cancel"
        cancelling = till.studio.ask(
            "POST", path, json={"whole_party": True}, headers={"If-Match": "*"}
        )
        _, cancelled = await asyncio.gather(till.tell("paid", checkout), cancelling)
        assert cancelled.status_code == 200, cancelled.text
    for booked in parties:
        await eventually(lambda booked=booked: booked.is_("cancelled", "refunded"))
    assert sorted(await till.kinds()) == ["payment"] * 3 + ["refund"] * 3


async def test_a_payment_waits_for_whoever_decides_about_the_places(
    till: Till, settings: PilatesSettings
) -> None:
    booked = await till.book(await till.publish())
    checkout = await booked.checkout()
    async with await psycopg.AsyncConnection.connect(settings.database_url) as other:
        studio_id = str(till.studio.id)
        await other.execute("SELECT set_config('app.business_id', %s, true)", [studio_id])
        await other.execute("SELECT FROM class_sessions FOR NO KEY UPDATE")
        await other.execute(
            "UPDATE attendances SET status = 'cancelled', payment_status = 'none', pay_by = NULL"
        )
        telling = asyncio.create_task(till.tell("paid", checkout))
        await asyncio.sleep(0.3)
        assert not telling.done()
    await telling
    await eventually(lambda: booked.is_("cancelled", "refunded"))


async def test_of_many_who_pay_at_once_receipts_count_without_gaps(till: Till) -> None:
    sessions = [await till.publish(), await till.publish("2027-01-12T18:00")]
    parties = [await till.book(one, f"guest{n}") for n in range(6) for one in sessions[n % 2 :][:1]]
    checkouts = [await booked.checkout() for booked in parties]
    sales = (till.studio.sell(name) for name in ("mia", "noa"))
    await asyncio.gather(*(till.tell("paid", checkout) for checkout in checkouts * 2), *sales)
    receipts = await till.receipts()
    assert [receipt["number"] for receipt in receipts] == list(range(1, 9))
    assert all([await booked.is_("booked", "paid") for booked in parties])


async def test_another_amount_is_no_payment_and_goes_back(till: Till) -> None:
    booked = await till.book(await till.publish())
    await till.tell("paid", await booked.checkout(), amount_cents=2499)

    async def is_back() -> bool:
        return await till.kinds() == ["payment", "refund"]

    await eventually(is_back)
    assert await booked.is_("booked", "awaited")
    assert await till.refund_causes() == ["not_owed"]


async def test_paid_a_second_time_only_the_second_goes_back(till: Till) -> None:
    booked = await till.book(await till.publish())
    checkout = await booked.pay()
    await till.tell("paid", checkout, payment_id="pay-again")
    [again] = [one for one in await till.payments() if one.provider_id == "pay-again"]
    assert (again.refund_cause, await booked.is_("booked", "paid")) == ("not_owed", True)
    assert [one.refund_cause for one in await till.payments()].count(None) == 1
    assert await till.told(DropInPaid) == [1]


async def test_who_cannot_come_at_the_new_time_takes_the_party_along(till: Till) -> None:
    made = await till.publish()
    await till.book(await till.publish("2027-01-11T20:00"), "bea")
    company = [{"name": "Bea", "email": "bea@guest.example"}]
    together = await till.book(made, companions=company)
    alone = await till.book(made, "cleo")
    await together.pay()
    session = await till.studio.told("GET", f"/class-sessions/{made}")
    answer = await till.studio.ask(
        "PATCH",
        f"/class-sessions/{made}",
        json={"starts_at": "2027-01-11T20:30"},
        headers={"If-Match": f'"{session["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    await eventually(lambda: together.is_("cancelled", "refunded"))
    assert await alone.is_("booked", "awaited")
    assert await till.kinds() == ["payment", "refund"]


async def test_a_refund_made_at_the_provider_itself_is_recorded(till: Till) -> None:
    booked = await till.book(await till.publish())
    checkout = await booked.pay()
    for _ in range(3):
        await till.tell("refunded", checkout)
    assert await booked.is_("booked", "refunded")
    assert await till.kinds() == ["payment", "refund"]
    assert await till.refund_causes() == ["by_the_studio"]


async def test_another_studio_knows_nothing_of_it(till: Till, open_studio: Any) -> None:
    booked = await till.book(await till.publish())
    await booked.pay()
    [receipt] = await till.receipts()
    another = await open_studio()
    answer = await another.ask("GET", f"/class-receipts/{receipt['id']}")
    assert answer.status_code == 404
    assert (await another.told("GET", "/class-receipts"))["items"] == []
