"""The adapter against a server that speaks Stripe's wire protocol."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from payments.problems import Forged, PaymentRefused, ProviderUnreachable
from payments.provider import Checkout, Refund
from payments.stripe_provider import StripeProvider
from payments.testing import StripeDesk, message


def checkout(**changed: object) -> Checkout:
    known = Checkout(
        reference="business.deposit",
        amount_cents=2000,
        currency="EUR",
        title="Deposit: Reformer private, Core Berlin",
        email="ada@example.com",
        paid_url="https://bookly.example/paid",
        left_url="https://bookly.example/left",
        ends_at=datetime.now(UTC) + timedelta(minutes=10),
    )
    return replace(known, **changed)  # type: ignore[arg-type]


async def test_a_checkout_asks_for_one_payment_of_our_amount(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    wanted = checkout()
    started = await stripe.start(wanted)
    assert started.url == desk.sessions[started.id]["url"]
    [(path, form, key)] = desk.calls
    assert path == "checkout/sessions"
    assert key == "checkout-business.deposit"
    ends_at = int((wanted.ends_at + timedelta(minutes=31)).timestamp())
    assert form == {
        "mode": "payment",
        "client_reference_id": "business.deposit",
        "metadata[reference]": "business.deposit",
        "payment_intent_data[metadata][reference]": "business.deposit",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "2000",
        "line_items[0][price_data][product_data][name]": "Deposit: Reformer private, Core Berlin",
        "success_url": "https://bookly.example/paid",
        "cancel_url": "https://bookly.example/left",
        "customer_email": "ada@example.com",
        "expires_at": str(ends_at),
    }


async def test_started_again_it_is_the_same_checkout(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    wanted = checkout()
    assert await stripe.start(wanted) == await stripe.start(wanted)
    assert len(desk.sessions) == 1


async def test_an_answer_that_was_lost_is_asked_for_again_by_itself(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    desk.failures = [500]
    await stripe.start(checkout())
    assert [key for _, _, key in desk.calls] == ["checkout-business.deposit"] * 2
    assert len(desk.sessions) == 1


async def test_what_stripe_does_not_accept_is_refused_by_its_own_word(
    stripe: StripeProvider,
) -> None:
    with pytest.raises(PaymentRefused) as refusal:
        await stripe.start(checkout(amount_cents=1))
    assert refusal.value.members == {"code": "amount_too_small"}


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_stripe_that_cannot_answer_is_asked_again_later(
    stripe: StripeProvider, desk: StripeDesk, status: int
) -> None:
    desk.failures = [status] * 2
    with pytest.raises(ProviderUnreachable):
        await stripe.start(checkout())


async def test_a_stripe_that_is_not_there_is_asked_again_later(desk: StripeDesk) -> None:
    nowhere = StripeProvider(desk.secret_key, desk.webhook_secret, "http://127.0.0.1:1")
    with pytest.raises(ProviderUnreachable):
        await nowhere.start(checkout())


async def test_a_wrong_key_is_no_fault_of_the_payer(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    desk.secret_key = "another"
    with pytest.raises(ProviderUnreachable):
        await stripe.start(checkout())


async def test_what_is_ended_is_over_and_may_be_ended_again(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    started = await stripe.start(checkout())
    await stripe.end(started.id)
    assert desk.sessions[started.id]["status"] == "expired"
    await stripe.end(started.id)
    await stripe.end("cs_unknown")


async def test_a_payment_is_given_back_once(stripe: StripeProvider, desk: StripeDesk) -> None:
    desk.pay((await stripe.start(checkout())).id)
    [payment_id] = desk.payments
    wanted = Refund("refund-1", payment_id, 2000, "EUR")
    await stripe.refund(wanted)
    await stripe.refund(wanted)
    # Stripe forgets keys after a day; then its own books say that nothing is left to give back.
    desk.remembered.clear()
    await stripe.refund(wanted)
    [refund] = desk.refunds.values()
    assert (refund["amount_refunded"], refund["reference"]) == (2000, "refund-1")


async def test_what_is_left_of_a_payment_goes_back_after_a_part_of_it(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    desk.pay((await stripe.start(checkout())).id)
    [payment] = desk.payments.values()
    payment["amount_refunded"] = 500
    await stripe.refund(Refund("refund-1", payment["payment_intent"], 2000, "EUR"))
    assert payment["amount_refunded"] == 2000


async def test_asked_otherwise_under_the_same_reference_it_is_refused_and_not_tried_for_ever(
    stripe: StripeProvider,
) -> None:
    await stripe.start(checkout())
    with pytest.raises(PaymentRefused) as refusal:
        await stripe.start(checkout(paid_url="https://bookly.example/elsewhere"))
    assert refusal.value.members == {"code": "idempotency_error"}


async def test_a_payment_that_stripe_does_not_know_is_not_given_back(
    stripe: StripeProvider,
) -> None:
    with pytest.raises(PaymentRefused):
        await stripe.refund(Refund("refund-1", "pi_unknown", 2000, "EUR"))


async def test_a_payment_is_told_with_all_that_decides(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    started = await stripe.start(checkout())
    fact = stripe.read(*desk.signed(desk.pay(started.id)))
    assert fact is not None
    [payment_id] = desk.payments
    assert (fact.kind, fact.reference, fact.checkout_id) == (
        "paid",
        "business.deposit",
        started.id,
    )
    assert (fact.payment_id, fact.amount_cents, fact.currency) == (payment_id, 2000, "EUR")


async def test_money_that_comes_later_is_paid_when_it_comes(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    started = await stripe.start(checkout())
    session = desk.pay(started.id)["data"]["object"]
    completed = message("checkout.session.completed", session | {"payment_status": "unpaid"})
    assert stripe.read(*desk.signed(completed)) is None
    arrived = message("checkout.session.async_payment_succeeded", session)
    fact = stripe.read(*desk.signed(arrived))
    assert fact is not None
    assert fact.kind == "paid"


async def test_ends_and_refunds_are_told_with_our_reference(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    started = await stripe.start(checkout())
    desk.pay(started.id)
    [payment] = desk.payments.values()
    ended = message("checkout.session.expired", desk.sessions[started.id])
    refunded = message("charge.refunded", payment | {"amount_refunded": 500})
    facts = [stripe.read(*desk.signed(told)) for told in (ended, refunded)]
    assert [fact and (fact.kind, fact.reference) for fact in facts] == [
        ("expired", "business.deposit"),
        ("refunded", "business.deposit"),
    ]
    assert facts[1] is not None
    assert (facts[1].payment_id, facts[1].amount_cents) == (payment["payment_intent"], 500)


def test_kinds_that_we_have_not_asked_for_say_nothing(desk: StripeDesk) -> None:
    assert told_to(desk).read(*desk.signed(message("customer.created", {"id": "cus_1"}))) is None


@pytest.mark.parametrize("kind", ["completed", "expired"])
def test_a_checkout_without_a_payment_says_nothing(desk: StripeDesk, kind: str) -> None:
    setup = {
        "id": "cs_1",
        "mode": "setup",
        "amount_total": None,
        "currency": None,
        "payment_intent": None,
        "payment_status": "no_payment_required",
    }
    told = message(f"checkout.session.{kind}", setup)
    assert told_to(desk).read(*desk.signed(told)) is None


def test_a_forged_message_is_not_read(desk: StripeDesk) -> None:
    session = {"id": "cs_1", "amount_total": 1, "currency": "eur", "payment_status": "paid"}
    told = message("checkout.session.completed", session)
    body, signed = desk.signed(told)
    _, by_another = StripeDesk(webhook_secret="whsec_other").signed(told)
    _, long_ago = desk.signed(told, at=time.time() - 301)
    provider = told_to(desk)
    assert provider.read(body, signed) is None
    header = signed["stripe-signature"]
    for forged in ({}, by_another, long_ago, {"stripe-signature": header + "é"}):
        with pytest.raises(Forged):
            provider.read(body, forged)
    for changed in (body + b" ", body.replace(b"cs_1", b"cs_2"), b"\xff"):
        with pytest.raises(Forged):
            provider.read(changed, signed)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"type": "checkout.session.completed"},
        {"type": "checkout.session.completed", "data": {"object": {"id": "cs_1"}}},
        {"type": ["checkout.session.completed"], "data": {}},
        [],
    ],
)
def test_a_signed_message_of_another_shape_is_not_believed(
    desk: StripeDesk, nonsense: object
) -> None:
    with pytest.raises(Forged):
        told_to(desk).read(*desk.signed(nonsense))  # type: ignore[arg-type]


async def test_currencies_that_stripe_counts_otherwise_come_back_as_they_went(
    stripe: StripeProvider, desk: StripeDesk
) -> None:
    started = await stripe.start(checkout(amount_cents=4500, currency="ISK"))
    assert desk.sessions[started.id]["amount_total"] == 450_000
    fact = stripe.read(*desk.signed(desk.pay(started.id)))
    assert fact is not None
    assert (fact.amount_cents, fact.currency) == (4500, "ISK")


def told_to(desk: StripeDesk) -> StripeProvider:
    return StripeProvider(desk.secret_key, desk.webhook_secret, "http://127.0.0.1:1")
