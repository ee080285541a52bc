"""Where the money is asked for, counted and given back; all of it while others do the same."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import create_engine, enter_business, in_transaction, sessions_of
from chassis.testing import eventually, served
from payments.testing import StripeDesk, listening
from scheduling import main
from scheduling.appointments.models import Appointment
from scheduling.deposits.receipts import next_number
from scheduling.deposits.settling import settle_deposit
from scheduling.settings import SchedulingSettings
from services.scheduling.tests.moved_clock import TODAY
from services.scheduling.tests.till import Till, is_ended

PAYERS = 15
STRIPE = "/api/webhooks/payments/stripe"


class ChangedItsMind(Exception):
    pass


async def test_receipts_of_many_payments_at_once_count_without_gaps(
    open_till: Callable[..., Awaitable[Till]], settings: SchedulingSettings
) -> None:
    till = await open_till()
    booked = [await till.book(place) for place in places(PAYERS)]
    checkouts = [await one.checkout() for one in booked]
    engine = create_engine(settings.database_url, "scheduling", 5)
    sessions = sessions_of(engine)

    async def count_and_change_ones_mind(session: AsyncSession) -> None:
        await enter_business(session, till.studio.id)
        assert await next_number(session, till.studio.id) > 0
        raise ChangedItsMind

    async def roll_back() -> None:
        with pytest.raises(ChangedItsMind):
            await in_transaction(sessions, count_and_change_ones_mind)

    both = [(till.tell("paid", checkout), roll_back()) for checkout in checkouts]
    await asyncio.gather(*(one for pair in both for one in pair))
    await engine.dispose()
    receipts = await till.receipts()
    assert [receipt["number"] for receipt in receipts] == list(range(1, PAYERS + 1))
    assert {receipt["appointment_id"] for receipt in receipts} == {
        one.answer["id"] for one in booked
    }
    assert all([await one.is_("confirmed", "paid") for one in booked])


async def test_businesses_count_for_themselves(open_till: Callable[..., Awaitable[Till]]) -> None:
    tills = [await open_till(), await open_till()]
    for till in tills:
        await till.tell("paid", await (await till.book()).checkout())
        assert [receipt["number"] for receipt in await till.receipts()] == [1]


async def test_only_bookkeepers_read_receipts_and_only_their_own(
    till: Till, open_till: Callable[..., Awaitable[Till]]
) -> None:
    booked = await till.book()
    await till.tell("paid", await booked.checkout())
    [receipt] = await till.receipts()
    assert await till.receipts(kind="refund") == []
    assert await till.receipts(appointment_id=booked.answer["id"]) == [receipt]
    studio, place = till.studio, f"/api/receipts/{receipt['id']}"
    bookkeeper = studio.member("VIEW_FINANCIALS")
    assert (await studio.client.get(place, headers=bookkeeper)).json() == receipt
    for path in ("/api/receipts", place):
        answer = await studio.client.get(path, headers=studio.member("MANAGE_CALENDAR"))
        assert answer.status_code == 403
    another = (await open_till()).studio
    assert (await studio.client.get(place, headers=another.owner)).status_code == 404


async def test_a_checkout_asked_for_again_and_again_is_one(till: Till) -> None:
    booked = await till.book()
    ask = till.studio.client.post
    answers = await asyncio.gather(*(ask(booked.link) for _ in range(5)))
    answers.append(await ask(booked.link))
    assert {answer.status_code for answer in answers} == {200}
    [url] = {answer.json()["url"] for answer in answers}
    checkout = till.sandbox.checkouts[url.rpartition("/")[2]]
    assert (checkout.amount_cents, checkout.currency) == (2000, "EUR")
    assert (checkout.title, checkout.email) == ("Reformer private, Core", "ada@example.com")
    assert datetime.fromisoformat(checkout.ends_at) == booked.pay_by


async def test_guests_come_back_to_our_own_site_only(till: Till) -> None:
    booked = await till.book()
    ask = till.studio.client.post
    for elsewhere in ("https://evil.example", "evil", "/a b", "/\n"):
        answer = await ask(booked.link, json={"return_path": elsewhere})
        assert answer.status_code == 422
    url = (await ask(booked.link, json={"return_path": "/book/core?step=4"})).json()["url"]
    checkout = till.sandbox.checkouts[url.rpartition("/")[2]]
    assert checkout.paid_url == "http://localhost:8000/book/core?step=4"


@pytest.mark.parametrize("change", [lambda s: s[:-2] + "AA", lambda _: "guess", lambda s: s + "A"])
async def test_who_has_not_booked_neither_sees_nor_pays(
    till: Till, change: Callable[[str], str]
) -> None:
    booked = await till.book()
    secret = booked.link.split("/")[-2]
    place = booked.link.removesuffix("/checkout").replace(secret, change(secret))
    assert (await till.studio.client.get(place)).status_code == 404
    assert (await till.studio.client.post(f"{place}/checkout")).status_code == 404


async def test_a_provider_that_is_out_keeps_nobody_from_booking(till: Till) -> None:
    till.sandbox.is_out = True
    try:
        booked = await till.book()
        answer = await till.studio.client.post(booked.link)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["type"] == "/problems/provider-unreachable"
    finally:
        till.sandbox.is_out = False
    await till.tell("paid", await booked.checkout())
    assert await booked.is_("confirmed", "paid")


async def test_without_a_provider_it_is_paid_at_the_studio(
    till: Till, settings: SchedulingSettings
) -> None:
    nobody = settings.model_copy(update={"sandbox_url": None, "sandbox_secret": None})
    async with served(main.create(nobody)) as client:
        till.studio.client = client
        answer = (await till.book()).answer
    assert (answer["status"], answer["deposit_status"]) == ("confirmed", "none")
    assert (answer["deposit_cents"], answer["checkout_url"]) == (0, None)


async def test_stripe_is_paid_through_the_same_doors(
    till: Till, settings: SchedulingSettings
) -> None:
    desk = StripeDesk(now=TODAY.timestamp)
    async with listening(desk.app()) as api_base:
        keys = {
            "stripe_secret_key": desk.secret_key,
            "stripe_webhook_secret": desk.webhook_secret,
            "stripe_api_base": api_base,
        }
        async with served(main.create(settings.model_copy(update=keys))) as client:
            till.studio.client = client
            booked = await till.book()
            url = (await client.post(booked.link)).json()["url"]
            assert (await client.post(booked.link)).json()["url"] == url
            body, headers = desk.signed(desk.pay(url.rpartition("/")[2]))
            for forged in (body.replace(b"2000", b"1"), body + b" "):
                answer = await client.post(STRIPE, content=forged, headers=headers)
                assert (answer.status_code, answer.json()["type"]) == (400, "/problems/forged")
            assert await booked.is_("pending", "awaited")
            for _ in range(3):
                answer = await client.post(STRIPE, content=body, headers=headers)
                assert answer.status_code == 200
            assert await booked.is_("confirmed", "paid")
            assert await till.kinds() == ["payment"]


async def test_whatever_way_back_is_asked_for_it_is_the_same_page_at_stripe(
    till: Till, settings: SchedulingSettings
) -> None:
    desk = StripeDesk(now=TODAY.timestamp)
    async with listening(desk.app()) as api_base:
        keys = {
            "stripe_secret_key": desk.secret_key,
            "stripe_webhook_secret": desk.webhook_secret,
            "stripe_api_base": api_base,
        }
        async with served(main.create(settings.model_copy(update=keys))) as client:
            till.studio.client = client
            booked = await till.book()
            # Stripe has made the page, and we never hear of it, not even the second time.
            desk.lost = 2
            answer = await client.post(booked.link, json={"return_path": "/first"})
            assert answer.status_code == 503
            again = await client.post(booked.link, json={"return_path": "/second"})
            assert again.status_code == 200, again.text
            assert [made["url"] for made in desk.sessions.values()] == [again.json()["url"]]


async def test_what_was_let_go_is_ended_at_the_provider(till: Till, clock: Any) -> None:
    booked = await till.book()
    url = (await till.studio.client.post(booked.link)).json()["url"]
    clock.set(booked.pay_by.isoformat())
    await eventually(lambda: is_ended(till.sandbox.checkouts[url.rpartition("/")[2]]))
    await eventually(lambda: booked.is_("cancelled", "none"))


async def test_a_refund_is_asked_for_until_the_provider_has_answered(
    till: Till, clock: Any
) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    await till.tell("paid", checkout)
    till.sandbox.is_out = True
    try:
        assert (await booked.change("cancel")).status_code == 200
        await eventually(lambda: was_tried(till))
        assert await booked.is_("cancelled", "refund_due")
    finally:
        till.sandbox.is_out = False
    clock.set((booked.pay_by + timedelta(hours=2)).isoformat())
    await eventually(lambda: booked.is_("cancelled", "refunded"))
    [payment] = till.rows("SELECT * FROM payments")
    assert (payment["refund_attempts"], checkout.refund) == (2, str(payment["id"]))
    assert await till.kinds() == ["payment", "refund"]


async def test_a_payment_waits_for_who_decides_about_the_appointment(till: Till) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    async with await psycopg.AsyncConnection.connect(till.database_url) as other:
        await other.execute("SELECT set_config('app.business_id', %s, true)", [str(till.studio.id)])
        await other.execute("UPDATE appointments SET status = 'cancelled', deposit_status = 'none'")
        telling = asyncio.create_task(till.tell("paid", checkout))
        await asyncio.sleep(0.3)
        assert not telling.done()
    await telling
    await eventually(lambda: booked.is_("cancelled", "refunded"))


async def test_a_refund_made_at_the_provider_itself_is_recorded(till: Till) -> None:
    booked = await till.book()
    checkout = await booked.checkout()
    await till.tell("paid", checkout)
    await till.tell("refunded", checkout, amount_cents=500)
    assert await booked.is_("confirmed", "paid")
    for _ in range(3):
        await till.tell("refunded", checkout)
    assert await booked.is_("confirmed", "refunded")
    assert await till.kinds() == ["payment", "refund"]
    assert till.refund_causes() == ["by_the_studio"]
    assert till.shown()["version"] == (await booked.now())["version"]


@pytest.mark.parametrize(
    ("late", "becomes"), [(timedelta(), "refunded"), (timedelta(microseconds=1), "forfeited")]
)
async def test_a_customer_has_it_back_until_the_window_begins(
    till: Till, settings: SchedulingSettings, clock: Any, late: timedelta, becomes: str
) -> None:
    """Customers have no door of their own yet; this is what theirs will call."""
    booked = await till.book()
    await till.tell("paid", await booked.checkout())
    day_before = datetime.fromisoformat(booked.answer["starts_at"]) - timedelta(minutes=1440)
    clock.set((day_before + late).isoformat())
    engine = create_engine(settings.database_url, "scheduling", 1)

    async def cancel(session: AsyncSession) -> None:
        await enter_business(session, till.studio.id)
        key = (till.studio.id, UUID(booked.answer["id"]))
        appointment = await session.get_one(Appointment, key, with_for_update=True)
        await settle_deposit(session, appointment, "customer", day_before + late)
        appointment.cancel(day_before + late, None)

    await in_transaction(sessions_of(engine), cancel)
    await engine.dispose()
    await eventually(lambda: booked.is_("cancelled", becomes))
    assert ("refund" in await till.kinds()) == (becomes == "refunded")


async def was_tried(till: Till) -> bool:
    return till.rows("SELECT refund_attempts FROM payments") == [{"refund_attempts": 1}]


def places(count: int) -> list[str]:
    """On the hour, from nine to two, a week long."""
    hours = [f"2027-01-{day:02}T{hour:02}:00:00Z" for day in range(4, 11) for hour in range(8, 14)]
    return hours[:count]
