from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from catalog.deposit_policy import Cents, DepositPolicy
from catalog.search_text import SearchText
from chassis.pages import PageRequest
from contracts.text import Line, Paragraphs

DAY_MINUTES = 24 * 60

Minutes = Annotated[int, Field(strict=True, ge=0, le=DAY_MINUTES)]


class Question(BaseModel, extra="forbid"):
    """What a booking asks beside name and e-mail."""

    key: Annotated[str, StringConstraints(pattern="^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=60)]
    label: Line
    kind: Literal["text", "choice", "checkbox"] = "text"
    required: bool = False
    choices: list[Line] = Field(default_factory=list, max_length=50)
    max_length: int = Field(default=500, strict=True, ge=1, le=5000)

    @model_validator(mode="after")
    def choose_among_something(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a choice has choices, and nothing else has")
        return self


def reject_repeated_keys(questions: list[Question]) -> list[Question]:
    keys = [question.key for question in questions]
    if len(set(keys)) < len(keys):
        raise ValueError("two questions have the same key")
    return questions


Questions = Annotated[list[Question], Field(max_length=20), AfterValidator(reject_repeated_keys)]


class ServiceWrite(BaseModel, extra="forbid"):
    name: Line
    description: Paragraphs = ""
    duration_minutes: int = Field(strict=True, ge=5, le=DAY_MINUTES)
    buffer_before_minutes: Minutes = 0
    buffer_after_minutes: Minutes = 0
    slot_step_minutes: int = Field(default=15, strict=True, ge=5, le=DAY_MINUTES)
    price_cents: Cents = 0
    deposit: DepositPolicy | None = None
    """Absent: `deposit_cents` says it."""
    deposit_cents: Cents = 0
    """Of a fixed deposit. Older callers write it alone; beside `deposit` it agrees or is 0."""
    staff_ids: set[UUID] = Field(default_factory=set, max_length=200)
    """Who offers it."""
    resource_kinds: list[Line] = Field(default_factory=list, max_length=10)
    credit_cost: int = Field(default=0, strict=True, ge=0, le=100)
    notice_minutes: int = Field(default=120, strict=True, ge=0, le=90 * DAY_MINUTES)
    horizon_days: int = Field(default=60, strict=True, ge=1, le=730)
    cancellation_window_minutes: int = Field(
        default=DAY_MINUTES, strict=True, ge=0, le=90 * DAY_MINUTES
    )
    requires_approval: bool = False
    questions: Questions = Field(default_factory=list)

    @field_validator("deposit")
    @classmethod
    def costs_no_more_than_all(
        cls, deposit: DepositPolicy | None, info: ValidationInfo
    ) -> DepositPolicy | None:
        if deposit:
            check_price(deposit.amount_cents, info)
        return deposit

    @field_validator("deposit_cents")
    @classmethod
    def says_the_same_as_deposit(cls, deposit_cents: int, info: ValidationInfo) -> int:
        check_price(deposit_cents, info)
        deposit: DepositPolicy | None = info.data.get("deposit")
        if deposit and deposit_cents not in (0, deposit.amount_cents):
            raise ValueError("says otherwise than `deposit`")
        return deposit_cents

    @model_validator(mode="after")
    def say_it_both_ways(self) -> Self:
        if self.deposit is None:
            kind: Literal["fixed", "pay_later"] = "fixed" if self.deposit_cents else "pay_later"
            self.deposit = DepositPolicy(kind=kind, amount_cents=self.deposit_cents)
        self.deposit_cents = self.deposit.amount_cents
        return self


def check_price(amount_cents: int, info: ValidationInfo) -> None:
    if amount_cents > info.data.get("price_cents", amount_cents):
        raise ValueError("is more than the price")


class ServiceFilter(PageRequest):
    q: SearchText | None = None
    """Part of the name."""
    staff_id: UUID | None = None
    archived: bool = False


class ServiceView(ServiceWrite):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    deposit: DepositPolicy
    id: UUID
    version: int
    archived_at: datetime | None
