"""What is paid before a booking is confirmed."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator

Cents = Annotated[int, Field(strict=True, ge=0, le=100_000_000)]
"""Minor units of the business's currency."""


class DepositPolicy(BaseModel, extra="forbid"):
    """`fixed` has an amount and `percent` a percentage; the others have neither."""

    kind: Literal["pay_later", "fixed", "percent", "full"]
    amount_cents: Cents = Field(default=0, validate_default=True)
    percent: int = Field(default=0, strict=True, ge=0, le=100, validate_default=True)

    @field_validator("amount_cents")
    @classmethod
    def only_fixed_amounts(cls, amount_cents: int, info: ValidationInfo) -> int:
        kind = info.data.get("kind")
        if kind and (kind == "fixed") != (amount_cents > 0):
            raise ValueError("a fixed deposit has an amount, and nothing else has")
        return amount_cents

    @field_validator("percent")
    @classmethod
    def only_of_percent(cls, percent: int, info: ValidationInfo) -> int:
        kind = info.data.get("kind")
        if kind and (kind == "percent") != (percent > 0):
            raise ValueError("a percentage has 1 to 100, and nothing else has")
        return percent

    def due_cents(self, price_cents: int) -> int:
        """Never more than the price; half a cent is paid as a whole one."""
        match self.kind:
            case "full":
                return price_cents
            case "percent":
                return (price_cents * self.percent + 50) // 100
            case "fixed":
                return min(self.amount_cents, price_cents)
            case "pay_later":
                return 0
