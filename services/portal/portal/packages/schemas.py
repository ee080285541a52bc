from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from contracts.pilates import LedgerKind


class PackageRead(BaseModel):
    id: UUID
    name: str
    credits: int
    """As sold."""
    balance: int
    starts_on: date | None
    """Absent until its first use, where validity begins with that."""
    expires_on: date | None
    """The last day on which a class may start; absent: no end, or not begun."""
    frozen: bool
    state: Literal["usable", "frozen", "expired", "used_up"]
    """As of today in the studio's zone."""
    price_cents: int
    currency: str
    sold_at: datetime


class Packages(BaseModel):
    items: list[PackageRead]


class LedgerRead(BaseModel):
    id: UUID
    at: datetime
    kind: LedgerKind
    credits: int
    balance: int
    """After it."""
    words: str
    """The entry as a sentence, in the client's language."""
    about: str | None
    reason: str | None
    booking_id: UUID | None
    """Of the client's bookings, where it is about one."""


class Ledger(BaseModel):
    package: PackageRead
    entries: list[LedgerRead]
    """The newest first."""
