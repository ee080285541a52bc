"""What any payment provider does for us. Amounts are in the minor unit of their currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Checkout:
    """A page of the provider on which one amount is paid, once."""

    reference: str
    """Ours. The same reference again is the same checkout, whatever happened in between."""
    amount_cents: int
    currency: str
    """ISO 4217."""
    title: str
    """What is paid for, as the payer reads it."""
    email: str | None
    paid_url: str
    """Where the payer goes afterwards; having come there proves nothing."""
    left_url: str
    ends_at: datetime
    """When we shall end it; a provider may demand to let it live longer by itself."""


@dataclass(frozen=True)
class StartedCheckout:
    id: str
    url: str


@dataclass(frozen=True)
class Refund:
    """A payment given back as a whole."""

    reference: str
    """Ours. The same reference again is the same refund."""
    payment_id: str
    amount_cents: int
    currency: str


@dataclass(frozen=True)
class Fact:
    """What a provider tells us. It may come many times, late, and in any order."""

    kind: Literal["paid", "expired", "refunded"]
    reference: str | None
    """Of the checkout; absent from what did not begin with us."""
    checkout_id: str | None
    payment_id: str | None
    amount_cents: int
    """All that was paid, or all that has been given back."""
    currency: str
    """ISO 4217, upper case."""


class Provider(Protocol):
    """Each call raises ProviderUnreachable, after which it may be repeated as it was."""

    @property
    def name(self) -> str: ...

    async def start(self, checkout: Checkout) -> StartedCheckout:
        """Raises PaymentRefused where the provider does not accept such a payment."""
        ...

    async def end(self, checkout_id: str) -> None:
        """Nobody can pay it any more; one that has been paid, or is over, stays as it is."""
        ...

    async def refund(self, refund: Refund) -> None:
        """Raises PaymentRefused where the provider does not give it back."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str]) -> Fact | None:
        """A message of the provider; None if it says nothing that concerns us.

        Names of headers are lower case. Raises Forged.
        """
        ...
