"""A deposit from the booking to the receipt: in time, not at all, too late, and twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.testing import eventually
from contracts import catalog
from services.scheduling.tests.till import NINE, WEBHOOK, Till, has_gone_back, is_ended

A_MOMENT = timedelta(microseconds=1)
TEN = "2027-01-04T10:00:00Z"


async def test_a_booking_waits_for_its_deposit(till: Till) -> None:
    booked = await till.book()
    wanted = {
        "status": "pending",
        "price_cents": 9500,
        "deposit_cents": 2000,
        "deposit_status": "awaited",
    }
    assert booked.answer.items() >= wanted.items()
    assert NINE not in await till.studio.slots("2027-01-04")
    state = (await till.studio.client.get(booked.link.removesuffix("/checkout"))).json()
    assert state["deposit_cents"] == 2000
    assert state["deposit_status"] == "awaited"
    assert datetime.fromisoformat(state["pay_by"]) == booked.pay_by
    assert till.told() == ["appointment.requested"]


async def test_paid_in_time_it_is_confirmed_with_one_receipt(till: Till) -> None:
    booked = await till.book()
    await till.tell("paid", await booked.checkout())
    assert await booked.is_("confirmed", "paid")
    [receipt] = await till.receipts()
    assert (receipt["number"], receipt["kind"]) == (1, "payment")
    assert (receipt["amount_cents"], receipt["currency"]) == (2000, "EUR")
    assert receipt["appointment_id"] == booked.answer["id"]
    assert till.told() == ["appointment.requested", "appointment.confirmed", "deposit.paid"]
    assert till.rows("SELECT expires_at FROM claims") == [{"expires_at": None}]


async def test_told_three_times_at_once_and_once_more_it_is_paid_once(till: Till) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    await asyncio.gather(*(till.tell("paid", checkout) for _ in range(3)))
    await till.tell("paid", checkout)
    assert len(await till.receipts()) == 1
    assert till.told().count("deposit.paid") == 1
    assert await booked.is_("confirmed", "paid")


async def test_messages_out_of_order_change_nothing(till: Till) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    for kind in ("expired", "paid", "expired"):
        await till.tell(kind, checkout)
    assert await booked.is_("confirmed", "paid")
    assert await till.kinds() == ["payment"]


async def test_a_refund_told_before_its_payment_is_told_again(till: Till) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    await till.tell("refunded", checkout, amount_cents=500)
    answer = await till.try_to_tell("refunded", checkout)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/try-again")
    await till.tell("paid", checkout)
    await till.tell("refunded", checkout)
    assert await booked.is_("confirmed", "refunded")
    assert await till.kinds() == ["payment", "refund"]


async def test_open_calendars_hear_of_a_late_payment_as_it_is(till: Till, clock: Any) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    clock.set(booked.pay_by.isoformat())
    await eventually(lambda: booked.is_("cancelled", "none"))
    till.sandbox.is_out = True
    try:
        await till.tell("paid", checkout)
        assert await booked.is_("cancelled", "refund_due")
        assert till.shown()["version"] == (await booked.now())["version"]
    finally:
        till.sandbox.is_out = False


async def test_a_forged_message_is_refused_and_writes_nothing(till: Till) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    body, headers = till.sandbox.message("paid", checkout)
    name = "sandbox-signature"
    for forged in ({}, {name: "t=1,v1=" + "0" * 64}, {name: headers[name].replace("v1=", "v2=")}):
        answer = await till.studio.client.post(WEBHOOK, content=body, headers=forged)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/forged")
    answer = await till.studio.client.post(WEBHOOK, content=body + b" ", headers=headers)
    assert answer.status_code == 400
    assert await booked.is_("pending", "awaited")
    assert till.rows("SELECT * FROM payments") == []


@pytest.mark.parametrize("wrong", [{"amount_cents": 1999}, {"currency": "USD"}])
async def test_what_was_not_asked_for_confirms_nothing_and_goes_back(
    till: Till, wrong: dict[str, object]
) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    await till.tell("paid", checkout, **wrong)
    assert await booked.is_("pending", "awaited")
    await eventually(lambda: has_gone_back(till))
    assert checkout.refund is not None
    assert await booked.is_("pending", "awaited")
    assert "deposit.paid" not in till.told()
    assert till.refund_causes() == ["not_owed"]


@pytest.mark.parametrize(
    "reference",
    ["deposit.00.00", "a class.1", f"deposit.{'0' * 32}.{'0' * 32}", "deposit.\u0000"],
)
async def test_what_is_none_of_ours_is_heard_and_ignored(till: Till, reference: str) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    await till.tell("paid", checkout, reference=reference)
    await till.tell("a new kind", checkout)
    elsewhere = await till.studio.client.post(WEBHOOK.replace("sandbox", "stripe"), content=b"{}")
    assert elsewhere.status_code == 404
    assert await booked.is_("pending", "awaited")


async def test_not_paid_its_time_is_free_at_that_very_moment(till: Till, clock: Any) -> None:
    booked = await till.book()
    clock.set((booked.pay_by - A_MOMENT).isoformat())
    assert NINE not in await till.studio.slots("2027-01-04")
    assert (await till.studio.book(NINE)).status_code == 409
    clock.set(booked.pay_by.isoformat())
    assert NINE in await till.studio.slots("2027-01-04")
    assert (await till.studio.book(NINE)).status_code == 201
    await eventually(lambda: booked.is_("cancelled", "none"))
    assert till.told().count("appointment.cancelled") == 1
    [cancelled] = till.rows(
        "SELECT body::json ->> 'cause' AS cause, body::json ->> 'cancelled_by' AS by"
        f" FROM outbox WHERE address = 'scheduling.appointment.cancelled.v1.{till.studio.id}'"
    )
    assert cancelled == {"cause": "deposit_not_paid", "by": "business"}
    state = await till.studio.client.get(booked.link.removesuffix("/checkout"))
    assert state.json()["deposit_status"] == "none"
    answer = await till.studio.client.post(booked.link)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/deposit-not-awaited")
    assert await till.receipts() == []


async def test_moved_while_it_waits_it_still_waits_and_is_confirmed_there(till: Till) -> None:
    booked = await till.book()
    moved = await booked.change("reschedule", starts_at="2027-01-04T10:00:00Z")
    assert moved.status_code == 200, moved.text
    assert datetime.fromisoformat(moved.json()["pay_by"]) == booked.pay_by
    assert till.rows("SELECT expires_at FROM claims") == [{"expires_at": booked.pay_by}]
    await till.tell("paid", await booked.checkout())
    assert await booked.is_("confirmed", "paid")
    assert NINE in await till.studio.slots("2027-01-04")


async def test_a_moment_before_the_deadline_is_in_time(till: Till, clock: Any) -> None:
    booked, unpaid = await till.book(), await till.book(TEN)
    checkout = await booked.checkout()
    clock.set((booked.pay_by - A_MOMENT).isoformat())
    await till.tell("paid", checkout)
    clock.set((booked.pay_by + timedelta(hours=1)).isoformat())
    await eventually(lambda: unpaid.is_("cancelled", "none"))
    assert await booked.is_("confirmed", "paid")


async def test_paid_too_late_it_goes_back_once_however_often_it_is_told(
    till: Till, clock: Any
) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    clock.set(booked.pay_by.isoformat())
    await asyncio.gather(*(till.tell("paid", checkout) for _ in range(8)))
    await eventually(lambda: booked.is_("cancelled", "refunded"))
    await asyncio.gather(*(till.tell(kind, checkout) for kind in ("refunded", "paid") * 4))
    assert await till.kinds() == ["payment", "refund"]
    assert [receipt["number"] for receipt in await till.receipts()] == [1, 2]
    told = till.told()
    assert told.count("deposit.refunded") == told.count("appointment.cancelled") == 1
    assert "deposit.paid" not in told
    [payment] = till.rows("SELECT * FROM payments")
    assert payment["refund_cause"] == "paid_too_late"
    assert checkout.refund == str(payment["id"])


async def test_paid_after_somebody_else_has_the_time_it_goes_back(till: Till, clock: Any) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    clock.set(booked.pay_by.isoformat())
    other = await till.book()
    # By a clock that is behind, it was in time: the time is given to nobody twice all the same.
    clock.set((booked.pay_by - timedelta(seconds=1)).isoformat())
    await till.tell("paid", checkout)
    await eventually(lambda: booked.is_("cancelled", "refunded"))
    assert await other.is_("pending", "awaited")
    taken = till.rows("SELECT id FROM claims")
    assert [str(claim["id"]) for claim in taken] == [other.answer["id"]]


async def test_the_studio_cancels_and_gives_it_back(till: Till) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    await till.tell("paid", checkout)
    assert (await booked.change("cancel")).status_code == 200
    await eventually(lambda: booked.is_("cancelled", "refunded"))
    assert await till.kinds() == ["payment", "refund"]
    assert till.told()[-2:] == ["appointment.cancelled", "deposit.refunded"]
    assert checkout.refund is not None


async def test_paid_and_cancelled_at_the_same_moment_it_goes_back(till: Till) -> None:
    for hour in range(8, 14):
        booked = await till.book(f"2027-01-04T{hour:02}:00:00Z")
        checkout = await booked.checkout()
        cancelling = booked.change("cancel", version="*")
        _, cancelled = await asyncio.gather(till.tell("paid", checkout), cancelling)
        assert cancelled.status_code == 200
    await eventually(lambda: all_have_gone_back(till))
    assert (await till.kinds()).count("refund") == (await till.kinds()).count("payment") == 6


async def all_have_gone_back(till: Till) -> bool:
    found = till.rows("SELECT DISTINCT status, deposit_status FROM appointments")
    return found == [{"status": "cancelled", "deposit_status": "refunded"}]


async def test_a_booking_that_is_cancelled_before_it_is_paid_cannot_be_paid(till: Till) -> None:
    booked = await till.book()
    url = (await till.studio.client.post(booked.link)).json()["url"]
    assert (await booked.change("cancel")).status_code == 200
    assert await booked.is_("cancelled", "none")
    checkout = till.sandbox.checkouts[url.rpartition("/")[2]]
    await eventually(lambda: is_ended(checkout))
    assert await till.receipts() == []


async def test_what_needs_approval_is_paid_first_and_approved_then(
    open_till: Callable[..., Awaitable[Till]], clock: Any
) -> None:
    till = await open_till(requires_approval=True)
    booked, unpaid = await till.book(), await till.book(TEN)
    await till.tell("paid", await booked.checkout())
    clock.set((booked.pay_by + timedelta(hours=1)).isoformat())
    await eventually(lambda: unpaid.is_("cancelled", "none"))
    assert await booked.is_("pending", "paid")
    assert NINE not in await till.studio.slots("2027-01-04")
    assert (await booked.change("confirm")).status_code == 200
    assert await booked.is_("confirmed", "paid")
    assert till.told() == [
        *("appointment.requested", "appointment.requested", "deposit.paid"),
        *("appointment.cancelled", "appointment.confirmed"),
    ]


async def test_a_studio_may_do_without_and_still_take_it(till: Till, clock: Any) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    assert (await booked.change("confirm")).status_code == 200
    assert await booked.is_("confirmed", "none")
    clock.set((booked.pay_by + timedelta(hours=1)).isoformat())
    await till.tell("paid", checkout)
    assert await booked.is_("confirmed", "paid")
    assert await till.kinds() == ["payment"]


async def test_a_page_decides_before_its_services(till: Till) -> None:
    page = catalog.BookingPage(
        id=till.studio.page_id,
        version=2,
        slug=till.studio.slug,
        title="Book",
        published=True,
        service_ids=[till.studio.service],
        questions=[],
        deposit=catalog.DepositPolicy(kind="pay_later"),
    )
    await till.studio.tell(catalog.BookingPageChanged, booking_page=page)

    async def is_told() -> bool:
        return bool(till.rows("SELECT FROM booking_pages WHERE version = 2"))

    await eventually(is_told)
    answer = (await till.book()).answer
    assert (answer["status"], answer["deposit_status"]) == ("confirmed", "none")
    assert (answer["checkout_url"], answer["pay_by"]) == (None, None)


async def test_the_studio_books_without_a_deposit(till: Till) -> None:
    studio = till.studio
    wanted = {
        "service_id": str(studio.service),
        "staff_id": str(studio.staff[0]),
        "starts_at": NINE,
        "customer": {"name": "Ada"},
    }
    booked = await studio.client.post("/api/appointments", json=wanted, headers=studio.owner)
    assert booked.status_code == 201, booked.text
    assert (booked.json()["status"], booked.json()["deposit_status"]) == ("confirmed", "none")
