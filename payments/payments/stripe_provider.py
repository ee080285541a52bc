"""Stripe Checkout: https://docs.stripe.com/api/checkout/sessions."""

from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import TypeVar

import stripe
import structlog
from stripe.params.checkout import SessionCreateParams

from payments.problems import Forged, PaymentRefused, ProviderUnreachable
from payments.provider import Checkout, Fact, Refund, StartedCheckout
from payments.stripe_amounts import in_stripes_units
from payments.stripe_messages import fact_in
from payments.stripe_transport import Transport

log = structlog.get_logger()

Answer = TypeVar("Answer")

LIVES_ON = timedelta(minutes=31)
"""Stripe lets no session end by itself in less than half an hour; we end it through the API.

Counted from our end and not from now, because under one idempotency key all must stay the same.
"""
GIVEN_BACK = "charge_already_refunded"
TOLERANCE_SECONDS = 300
RETRIES = 1
FAILED = frozenset(("failed", "canceled"))


class StripeProvider:
    name = "stripe"

    def __init__(self, secret_key: str, webhook_secret: str, api_base: str) -> None:
        self._webhook_secret = webhook_secret
        client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base},
            http_client=Transport(),
            max_network_retries=RETRIES,
        )
        self._sessions, self._refunds = client.v1.checkout.sessions, client.v1.refunds

    async def start(self, checkout: Checkout) -> StartedCheckout:
        key = f"checkout-{checkout.reference}"
        asked = self._sessions.create_async(session_for(checkout), {"idempotency_key": key})
        session = await answered(asked)
        if session.url is None:
            raise PaymentRefused(code=f"session_{session.status}")
        return StartedCheckout(session.id, session.url)

    async def end(self, checkout_id: str) -> None:
        try:
            await answered(self._sessions.expire_async(checkout_id))
        except PaymentRefused as refusal:
            # It is paid, or over: what has happened is said by webhook.
            log.info("Nothing to end at Stripe", code=refusal.members["code"])

    async def refund(self, refund: Refund) -> None:
        asked = self._refunds.create_async(
            # Without an amount it is all that is left: of what was given back in part by hand,
            # Stripe would refuse the whole.
            {"payment_intent": refund.payment_id, "metadata": {"reference": refund.reference}},
            {"idempotency_key": f"refund-{refund.reference}"},
        )
        try:
            made = await answered(asked)
        except PaymentRefused as refusal:
            # Stripe forgets idempotency keys after a day or so; that it is done it does not forget.
            if refusal.members["code"] != GIVEN_BACK:
                raise
        else:
            if made.status in FAILED:
                raise PaymentRefused(code=f"refund_{made.status}")

    def read(self, body: bytes, headers: Mapping[str, str]) -> Fact | None:
        signature = headers.get("stripe-signature", "")
        if not signature.isascii():
            raise Forged
        verify = stripe.WebhookSignature.verify_header
        try:
            verify(body, signature, self._webhook_secret, TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise Forged from error
        return fact_in(body)


def session_for(checkout: Checkout) -> SessionCreateParams:
    ours = {"reference": checkout.reference}
    params: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": checkout.reference,
        "metadata": ours,
        # Stripe hands them on to the charge, whose refund is told by another message.
        "payment_intent_data": {"metadata": ours},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": checkout.currency.lower(),
                    "unit_amount": in_stripes_units(checkout.amount_cents, checkout.currency),
                    "product_data": {"name": checkout.title},
                },
            }
        ],
        "success_url": checkout.paid_url,
        "cancel_url": checkout.left_url,
        "expires_at": int((checkout.ends_at + LIVES_ON).timestamp()),
    }
    if checkout.email:
        params["customer_email"] = checkout.email
    return params


async def answered(asked: Awaitable[Answer]) -> Answer:
    """Stripe's answer, or one of our problems."""
    try:
        return await asked
    except stripe.IdempotencyError as error:
        # Asked otherwise under a key that was used: again and again it would be refused.
        log.error("Not what was asked first", request_id=error.request_id)  # noqa: TRY400
        raise PaymentRefused(code="idempotency_error") from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise PaymentRefused(error.user_message, code=error.code) from error
    except stripe.StripeError as error:
        # Wrong keys among them: the payer can do nothing about it, whoever runs this can.
        log.warning("Stripe failed", error=type(error).__name__, request_id=error.request_id)
        raise ProviderUnreachable from error
