"""What Stripe says by webhook, read as strictly as anything that comes from outside."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from payments.problems import Forged
from payments.provider import Fact
from payments.stripe_amounts import in_our_units


class CheckoutSession(BaseModel):
    id: str
    amount_total: int | None = None
    currency: str | None = None
    """Both absent where nothing is paid, as when somebody's card is only set up."""
    client_reference_id: str | None = None
    payment_intent: str | None = None
    payment_status: str

    def fact_of_payment(self) -> Fact | None:
        """Money by bank transfer comes later than its session is complete, with another message."""
        if self.payment_status != "paid" or self.payment_intent is None:
            return None
        if self.amount_total is None or self.currency is None:
            return None
        return Fact(
            kind="paid",
            reference=self.client_reference_id,
            checkout_id=self.id,
            payment_id=self.payment_intent,
            amount_cents=in_our_units(self.amount_total, self.currency),
            currency=self.currency.upper(),
        )

    def fact_of_end(self) -> Fact | None:
        if self.client_reference_id is None or self.currency is None:
            return None
        return Fact(
            kind="expired",
            reference=self.client_reference_id,
            checkout_id=self.id,
            payment_id=None,
            amount_cents=0,
            currency=self.currency.upper(),
        )


class Charge(BaseModel):
    amount_refunded: int
    currency: str
    payment_intent: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)

    def fact_of_refund(self) -> Fact:
        return Fact(
            kind="refunded",
            reference=self.metadata.get("reference"),
            checkout_id=None,
            payment_id=self.payment_intent,
            amount_cents=in_our_units(self.amount_refunded, self.currency),
            currency=self.currency.upper(),
        )


READ: dict[str, Callable[[Any], Fact | None]] = {
    "checkout.session.completed": lambda o: CheckoutSession.model_validate(o).fact_of_payment(),
    "checkout.session.async_payment_succeeded": (
        lambda o: CheckoutSession.model_validate(o).fact_of_payment()
    ),
    "checkout.session.expired": lambda o: CheckoutSession.model_validate(o).fact_of_end(),
    "charge.refunded": lambda o: Charge.model_validate(o).fact_of_refund(),
}


class Data(BaseModel):
    object: dict[str, Any]


class Message(BaseModel):
    type: str
    data: Data


def fact_in(body: bytes) -> Fact | None:
    """None for kinds that we have not asked for. The signature was checked before."""
    try:
        message = Message.model_validate_json(body)
        read = READ.get(message.type)
        return read(message.data.object) if read else None
    except ValidationError as error:
        raise Forged("Stripe does not write like this.") from error
