"""A place paid online, from the booking to the receipt: in time, not at all, and too late."""

import asyncio
from datetime import timedelta

import httpx2

from chassis.testing import eventually, served
from contracts.pilates import DropInPaid, DropInRefunded, PlaceBooked, PlaceCancelled
from pilates import main
from pilates.settings import PilatesSettings
from services.pilates.tests.booking_page import shown
from services.pilates.tests.studio import MovedClock
from services.pilates.tests.telling import events
from services.pilates.tests.till import WEBHOOK, Till

A_MOMENT = timedelta(microseconds=1)
TEN_MINUTES = timedelta(minutes=10)


async def test_a_guests_place_waits_ten_minutes_for_its_drop_in(till: Till) -> None:
    booked = await till.book(await till.publish())
    [place] = booked.places
    assert (place["status"], place["paid_with"], place["price_cents"]) == (
        "booked",
        "drop_in",
        2500,
    )
    assert place["payment_status"] == "awaited"
    [row] = await booked.rows()
    assert row.pay_by == booked.pay_by == row.booked_at + TEN_MINUTES
    state = await booked.state()
    assert (state["payment_status"], state["amount_cents"], state["places"]) == ("awaited", 2500, 1)
    assert (state["class_name"], state["pay_by"]) == ("Reformer Flow", place["pay_by"])
    [seen] = await shown(till.studio)
    assert seen["free"] == 7
    [told] = await events(till.studio, PlaceBooked)
    assert told.attendance.payment_status == "awaited"
    assert told.pay_url is not None
    opened = await till.studio.client.get(httpx2.URL(told.pay_url).path)
    assert (opened.status_code, opened.headers["cache-control"]) == (303, "no-store")
    page = await booked.page()
    assert opened.headers["location"].endswith(page.id)
    assert (page.title, page.email) == ("Reformer Flow, 2027-01-11, Core", "ada@guest.example")


async def test_told_three_times_at_once_and_once_more_it_is_paid_once(till: Till) -> None:
    booked = await till.book(await till.publish())
    checkout = await booked.checkout()
    await asyncio.gather(*(till.tell("paid", checkout) for _ in range(3)))
    for kind in ("expired", "paid"):
        await till.tell(kind, checkout)
    assert await booked.is_("booked", "paid")
    [row] = await booked.rows()
    assert (row.pay_by, row.sequence) == (None, 1)
    [receipt] = await till.receipts()
    assert (receipt["series"], receipt["number"], receipt["kind"]) == ("C", 1, "payment")
    assert (receipt["amount_cents"], receipt["currency"]) == (2500, "EUR")
    assert (receipt["about"], receipt["paid_with"]) == ("Reformer Flow, 2027-01-11", "online")
    assert receipt["attendance_id"] == booked.places[0]["id"]
    [told] = await events(till.studio, DropInPaid)
    assert (str(told.receipt.id), told.attendance.payment_status) == (receipt["id"], "paid")
    answer = await till.studio.client.post(booked.link)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/drop-in-not-awaited")
    assert answer.json()["payment_status"] == "paid"


async def test_a_moment_before_the_deadline_is_in_time(till: Till, clock: MovedClock) -> None:
    made = await till.publish()
    booked, unpaid = await till.book(made), await till.book(made, "bea")
    checkout = await booked.checkout()
    clock.set((booked.pay_by - A_MOMENT).isoformat())
    await till.tell("paid", checkout)
    clock.set((booked.pay_by + timedelta(hours=1)).isoformat())
    await eventually(lambda: unpaid.is_("cancelled", "none"))
    assert await booked.is_("booked", "paid")


async def test_at_the_deadline_it_is_too_late_and_goes_back_once(
    till: Till, clock: MovedClock
) -> None:
    booked = await till.book(await till.publish())
    checkout = await booked.checkout()
    clock.set(booked.pay_by.isoformat())
    await asyncio.gather(*(till.tell("paid", checkout) for _ in range(8)))
    await eventually(lambda: booked.is_("cancelled", "refunded"))
    await asyncio.gather(*(till.tell(kind, checkout) for kind in ("refunded", "paid") * 4))
    receipts = await till.receipts()
    assert [(one["kind"], one["number"]) for one in receipts] == [("payment", 1), ("refund", 2)]
    assert await till.told(DropInPaid, DropInRefunded, PlaceCancelled) == [0, 1, 1]
    assert await till.refund_causes() == ["paid_too_late"]
    [payment] = await till.payments()
    assert checkout.refund == str(payment.id)


async def test_not_paid_the_seat_is_somebody_elses_at_that_very_moment(
    till: Till, clock: MovedClock
) -> None:
    made = await till.publish(capacity=1)
    booked = await till.book(made)
    checkout = await booked.checkout()
    clock.set((booked.pay_by - A_MOMENT).isoformat())
    assert (await till.try_to_book(made, "bea")).json()["type"] == "/problems/session-full"
    assert [seen["free"] for seen in await shown(till.studio)] == [0]
    clock.set(booked.pay_by.isoformat())
    place = booked.places[0] | {"version": 1}
    for what in ("cancel", "attended"):
        answer = await till.studio.change(place, what)
        assert answer.status_code in (409, 412), answer.text
    other = await till.book(made, "bea")
    assert (await booked.state())["attendance_status"] == "cancelled"
    # By a clock that is behind, it was in time: the seat is given to nobody twice all the same.
    clock.set((booked.pay_by - timedelta(seconds=1)).isoformat())
    await till.tell("paid", checkout)
    await eventually(lambda: booked.is_("cancelled", "refunded"))
    assert await other.is_("booked", "awaited")
    assert await till.refund_causes() == ["paid_too_late"]


async def test_whoever_waits_gets_what_was_not_paid_for(till: Till, clock: MovedClock) -> None:
    made = await till.publish(capacity=2)
    booked = await till.book(made, companions=[{}])
    page = await booked.page()
    for name in ("mia", "noa"):
        await till.studio.sell(name)
        assert (await till.studio.book(made, name, join_waitlist=True)).status_code == 202
    clock.set(booked.pay_by.isoformat())

    async def moved_up() -> bool:
        found = await till.studio.attendances(made, status="booked")
        return {one["customer_name"] for one in found} == {"Mia", "Noa"}

    await eventually(moved_up)
    assert await booked.is_("cancelled", "none")
    told = await events(till.studio, PlaceCancelled)
    assert [(one.cause, one.cancelled_by) for one in told] == [("drop_in_not_paid", "business")] * 2
    assert await till.payments() == []

    async def is_ended() -> bool:
        return page.state == "ended"

    await eventually(is_ended)


async def test_a_waiter_who_pays_online_is_offered_the_place_and_pays_after_accepting(
    till: Till, clock: MovedClock
) -> None:
    made = await till.publish(capacity=1)
    await till.studio.sell("first")
    first = await till.studio.booked(made, "first")
    answer = await till.try_to_book(made, join_waitlist=True)
    assert (answer.status_code, answer.json()["waitlist_position"]) == (202, 1)
    await till.studio.cancel(first)
    [entry] = await till.studio.waitlist(made)
    assert (entry["status"], entry["pays_with"]) == ("offered", "drop_in")
    accepted = await till.studio.told(
        "POST", f"/class-sessions/{made}/waitlist/{entry['id']}/accept"
    )
    assert accepted["attendances"][0]["payment_status"] == "awaited"
    told = (await events(till.studio, PlaceBooked))[-1]
    assert (told.promoted, told.attendance.payment_status) == (True, "awaited")
    opened = await till.studio.client.post(httpx2.URL(accepted["checkout_url"]).path)
    await till.tell("paid", till.sandbox.pay(opened.json()["url"]))
    clock.set(accepted["attendances"][0]["pay_by"])
    [place] = await till.studio.attendances(made, status="booked")
    assert (place["customer_name"], place["payment_status"]) == ("Ada Guest", "paid")


async def test_without_a_provider_guests_pay_at_the_studio(
    till: Till, settings: PilatesSettings
) -> None:
    made = await till.publish()
    nobody = settings.model_copy(update={"sandbox_url": None, "sandbox_secret": None})
    async with served(main.create(nobody)) as client:
        till.studio.client = client
        booked = await till.book(made)
        assert booked.answer["checkout_url"] is None
        [place] = booked.places
        assert (place["paid_with"], place["price_cents"]) == ("at_studio", 2500)
        assert (place["payment_status"], place["pay_by"]) == ("none", None)


async def test_who_has_not_booked_neither_sees_nor_pays(till: Till) -> None:
    booked = await till.book(await till.publish())
    secret = booked.link.split("/")[-2]
    other = "A" if secret[-1] != "A" else "B"
    wrong = [secret[:-1] + other, secret[:-1], secret + "A", "A" * 64, "%00", "x" * 5000, "guess"]
    seen = set()
    for one in wrong:
        place = f"/api/public/drop-ins/{one}"
        ask = till.studio.client
        for answer in (
            await ask.get(place),
            await ask.get(f"{place}/pay"),
            await ask.post(f"{place}/checkout"),
        ):
            assert answer.status_code == 404, (one, answer.text)
            seen.add(answer.content)
    assert len(seen) == 1
    assert await booked.is_("booked", "awaited")


async def test_a_forged_message_and_one_that_is_not_ours_change_nothing(till: Till) -> None:
    booked = await till.book(await till.publish())
    checkout = await booked.checkout()
    body, headers = till.sandbox.message("paid", checkout)
    post = till.studio.client.post
    for forged in ({}, {"sandbox-signature": "t=1,v1=" + "0" * 64}):
        answer = await post(WEBHOOK, content=body, headers=forged)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/forged")
    assert (await post(WEBHOOK, content=body + b" ", headers=headers)).status_code == 400
    deposits = checkout.reference.replace("drop-in", "deposit")
    await till.tell("paid", checkout, reference=deposits)
    assert await booked.is_("booked", "awaited")
    assert await till.payments() == []


async def test_whoever_is_checked_in_pays_at_the_studio_or_online_all_the_same(
    till: Till, clock: MovedClock
) -> None:
    made = await till.publish()
    clock.set("2027-01-11T17:50:00+01:00")
    parties = [await till.book(made, name, companions=[{}]) for name in ("ada", "bea")]
    nobody = await till.book(made, "cleo")
    checkout = await parties[1].checkout()
    for booked in parties:
        place = booked.places[0] | {"version": 1}
        assert (await till.studio.change(place, "attended")).status_code == 200
    clock.set("2027-01-11T18:05:00+01:00")
    await till.tell("paid", checkout)
    await eventually(lambda: nobody.is_("cancelled", "none"))
    found = [
        {(one.paid_with, one.payment_status, one.pay_by) for one in await booked.rows()}
        for booked in parties
    ]
    assert found == [{("at_studio", "none", None)}, {("drop_in", "paid", None)}]
    assert {one.status for booked in parties for one in await booked.rows()} == {
        "attended",
        "booked",
    }
    assert (await till.studio.client.post(parties[0].link)).status_code == 410


async def test_moved_while_it_waits_it_still_waits_and_stands_there(
    till: Till, clock: MovedClock
) -> None:
    booked = await till.book(await till.publish())
    there = await till.publish("2027-01-12T18:00")
    place = booked.places[0] | {"version": 1}
    answer = await till.studio.change(place, "move", session_id=there)
    assert answer.status_code == 200, answer.text
    await booked.pay()
    clock.set(booked.pay_by.isoformat())
    [found] = await till.studio.attendances(there)
    assert (found["status"], found["payment_status"]) == ("booked", "paid")
