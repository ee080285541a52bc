"""The record of a payment or refund, whichever service took the money."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Snapshot


class Receipt(Snapshot):
    id: UUID
    number: int
    """Counts up by one per business and series, without gaps."""
    series: str = ""
    """Stands before the number, so that each service counts its own: none for appointments, `C`
    for classes and packages."""
    kind: Literal["payment", "refund"]
    amount_cents: int
    """Positive, also of a refund."""
    currency: str
    issued_at: AwareDatetime
