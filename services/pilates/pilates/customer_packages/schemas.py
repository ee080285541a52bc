from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.pages import PageRequest
from contracts.moments import YEARS, Start
from contracts.pilates import LedgerKind
from contracts.text import Line
from pilates.package_types.schemas import MOST_CREDITS, MOST_DAYS, Cents
from pilates.receipts.schemas import ReceiptView

PaidWith = Literal["cash", "card", "transfer", "free"]
PackageState = Literal["active", "frozen", "used_up", "expired", "voided"]
"""One of them, the first that holds of: voided, expired, frozen, used up."""
Day = Annotated[date, Field(ge=date(YEARS.start, 1, 1), le=date(YEARS.stop, 1, 1))]


class PackageSale(BaseModel, extra="forbid"):
    customer_id: UUID
    package_type_id: UUID
    price_cents: Cents | None = None
    """Absent: the type's; 0 where it is free."""
    paid_with: PaidWith
    sold_on: Day | None = None
    """A day before today, where it was sold on paper; its validity begins then."""

    @model_validator(mode="after")
    def free_costs_nothing(self) -> Self:
        if self.paid_with == "free" and self.price_cents:
            raise ValueError("what is free has no price")
        return self


class VoidRequest(BaseModel, extra="forbid"):
    reason: Line
    refund_cents: Cents | None = None
    """At most the price; absent: of the price as much as credits are left."""


class Adjustment(BaseModel, extra="forbid"):
    credits: int = Field(default=0, strict=True, ge=-MOST_CREDITS, le=MOST_CREDITS)
    """Added to the balance; negative to take some away."""
    expires_on: Day | None = None
    """A later last day. A package that has expired needs one before it gets credits."""
    reason: Line

    @model_validator(mode="after")
    def changes_something(self) -> Self:
        if not self.credits and self.expires_on is None:
            raise ValueError("an adjustment changes credits or the last day")
        return self


class FreezeRequest(BaseModel, extra="forbid"):
    first_on: Day
    last_on: Day | None = None
    """Inclusive; absent: until somebody ends it."""
    reason: Line

    @model_validator(mode="after")
    def ends_after_its_begin(self) -> Self:
        if self.last_on and not 0 <= (self.last_on - self.first_on).days < MOST_DAYS:
            raise ValueError("`last_on` is not before `first_on`, and not years after")
        return self


class Waiver(BaseModel, extra="forbid"):
    reason: Line


class PackageFilter(PageRequest):
    customer_id: UUID | None = None
    state: PackageState | None = None


class FreezeView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    first_on: date
    last_on: date | None
    reason: str | None


class PackageView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    customer_id: UUID
    customer_name: str
    package_type_id: UUID
    name: str
    state: PackageState
    credits: int
    """As sold."""
    balance: int
    """The sum of its ledger."""
    price_cents: int
    currency: str
    paid_with: PaidWith
    service_ids: list[UUID] | None
    template_ids: list[UUID] | None
    validity_days: int | None
    valid_from: Literal["purchase", "first_use"]
    starts_on: date | None
    """Absent until its first use where validity begins with that."""
    expires_on: date | None
    """The last local day on which a class may start; absent: no end, or not begun, or frozen
    without one."""
    freezes: list[FreezeView]
    sold_at: datetime
    voided_at: datetime | None


class PackageWithReceipt(PackageView):
    receipt: ReceiptView | None
    """Absent where no money changed hands."""


class LedgerEntryView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    position: int
    kind: LedgerKind
    credits: int
    """What it adds to the balance; negative for a debit, 0 for a forfeiture."""
    balance: int
    """After it."""
    about: str | None
    """The class or service and its local date; of a sale what was sold, of another last day it."""
    reason: str | None
    actor: str
    """Such as `member:<id>`, `customer`, or `expiry` where time did it."""
    at: datetime
    reverses: UUID | None
    attendance_id: UUID | None
    appointment_id: UUID | None


class EligibilityQuestion(BaseModel, extra="forbid"):
    """Of a class session that exists, or of a service at a time."""

    customer_id: UUID
    session_id: UUID | None = None
    service_id: UUID | None = None
    starts_at: Start | None = None

    @model_validator(mode="after")
    def is_one_thing(self) -> Self:
        if (self.session_id is None) == (self.service_id is None):
            raise ValueError("either `session_id` or `service_id`")
        if (self.service_id is None) != (self.starts_at is None):
            raise ValueError("`starts_at` belongs to `service_id`, and to nothing else")
        return self


class PackageAnswer(BaseModel):
    package_id: UUID
    name: str
    balance: int
    expires_on: date | None
    reasons: list[Literal["voided", "expired", "frozen", "not_eligible", "too_few_credits"]]
    """Why it does not pay; empty: it can."""


class Eligibility(BaseModel):
    credits: int
    """What it costs."""
    pays: UUID | None
    """The package that would pay: of those that can the one that expires first."""
    packages: list[PackageAnswer]
    """In the order in which they would be asked."""


class LiabilityRequest(BaseModel, extra="forbid"):
    on: Day


class Owed(BaseModel):
    currency: str
    packages: int
    """That have credits left."""
    credits: int
    value_cents: int
    """Of the price of each package as much as credits are left of those sold."""


class Liability(BaseModel):
    on: date
    until: datetime
    """The end of that local day, exclusive."""
    owed: list[Owed]
    """One for each currency."""
