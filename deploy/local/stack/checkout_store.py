"""The checkouts of the sandbox: one file each, so that a crash forgets none."""

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal


class Over(Exception):
    """It was ended, or what it brought was given back already."""


@dataclass
class Message:
    """What the one who started the checkout is told."""

    kind: Literal["paid", "expired", "refunded"]
    state: Literal["waiting", "held", "heard"] = "waiting"
    """`held` waits until somebody asks for it."""


@dataclass
class Checkout:
    id: str
    reference: str
    amount_cents: int
    currency: str
    title: str
    email: str | None
    paid_url: str
    left_url: str
    ends_at: str
    state: Literal["open", "paid", "ended"] = "open"
    payment_id: str | None = None
    refund: str | None = None
    """The reference of the refund, as the one who asked for it calls it."""
    told_later: bool = False
    """Its messages are held from the payment on."""
    messages: list[Message] = field(default_factory=list)

    def say(self, kind: Literal["paid", "expired", "refunded"]) -> None:
        self.messages.append(Message(kind, "held" if self.told_later else "waiting"))


class CheckoutStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.checkouts = {found.id: found for found in map(_read, folder.glob("*.json"))}

    def begin(self, told: dict[str, Any]) -> Checkout:
        """The same reference again is the same checkout."""
        id_ = hashlib.sha256(told["reference"].encode()).hexdigest()[:32]
        if id_ not in self.checkouts:
            self.keep(Checkout(id=id_, **told))
        return self.checkouts[id_]

    def pay(self, checkout: Checkout, *, told_later: bool) -> None:
        """As often as somebody presses the button: it is paid once. Raises Over."""
        if checkout.state == "paid":
            return
        if checkout.state == "ended":
            raise Over
        checkout.state, checkout.payment_id = "paid", f"pay-{secrets.token_hex(8)}"
        checkout.told_later = told_later
        checkout.say("paid")
        self.keep(checkout)

    def end(self, checkout: Checkout) -> None:
        """Raises Over where nothing is left to end."""
        if checkout.state != "open":
            raise Over
        checkout.state = "ended"
        checkout.say("expired")
        self.keep(checkout)

    def refund(self, payment_id: str, reference: str) -> Checkout:
        """Raises KeyError for a payment that never was, Over for one that is given back."""
        found = [one for one in self.checkouts.values() if one.payment_id == payment_id]
        if not found:
            raise KeyError(payment_id)
        [checkout] = found
        if checkout.refund is None:
            checkout.refund = reference
            checkout.say("refunded")
            self.keep(checkout)
        if checkout.refund != reference:
            raise Over
        return checkout

    def keep(self, checkout: Checkout) -> None:
        self.checkouts[checkout.id] = checkout
        draft = self._folder / f"{checkout.id}.draft"
        with draft.open("w") as file:
            json.dump(asdict(checkout), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / f"{checkout.id}.json")


def _read(path: Path) -> Checkout:
    told = json.loads(path.read_text())
    told["messages"] = [Message(**message) for message in told["messages"]]
    return Checkout(**told)
