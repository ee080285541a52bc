"""What a class costs and how strict it is: set on a template, kept by each of its sessions."""

from datetime import time
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class ClassPolicies:
    """Columns of a class template and of a class session alike."""

    credit_cost: Mapped[int]
    """A place, in credits; 0: no credit pays for it."""
    price_cents: Mapped[int]
    """A place without credit; 0 where credits are the only way in, or where it is free."""
    late_cancel_window_minutes: Mapped[int]
    """Cancelled until so long before it starts, inclusive, the credit or the money comes back."""
    waitlist_mode: Mapped[str]
    """`promote`: whoever is next has the place; `offer`: has to accept it first."""
    waitlist_cutoff_minutes: Mapped[int]
    """Later than so long before the start nobody is promoted, and nothing offered."""
    offer_minutes: Mapped[int]
    decline_minutes: Mapped[int]
    """Whoever is promoted inside the late-cancel window may decline for so long without penalty."""
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    """Local times between which nobody has to answer: offers and declining wait through them."""
    largest_party: Mapped[int]
    props: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """`{"resource_id", "quantity"}`: counted props that a whole session needs."""


POLICIES = tuple(name for name in ClassPolicies.__annotations__)
