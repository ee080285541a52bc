from datetime import time
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from catalog.businesses.localization import Currency, Locale
from catalog.email_address import Email
from contracts.moments import TimeZone
from contracts.text import Line, Paragraphs

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class OpeningHours(BaseModel, extra="forbid"):
    """The studio is open `[opens_at, closes_at)` on this weekday, in its local time."""

    weekday: Weekday
    opens_at: time
    closes_at: time

    @model_validator(mode="after")
    def open_before_it_closes(self) -> Self:
        if self.opens_at.tzinfo or self.closes_at.tzinfo:
            raise ValueError("opening hours are local times without an offset")
        if self.opens_at >= self.closes_at:
            raise ValueError("closes before it opens")
        return self


class Billing(BaseModel, extra="forbid"):
    """What receipts say of the business; needs `VIEW_FINANCIALS`."""

    legal_name: Line | None = None
    address: Paragraphs = ""
    tax_number: Line | None = None


class BusinessPatch(BaseModel, extra="forbid"):
    """Only what is present changes."""

    name: Line | None = None
    time_zone: TimeZone | None = None
    currency: Currency | None = None
    locale: Locale | None = None
    email: Email | None = None
    opening_hours: list[OpeningHours] | None = Field(default=None, max_length=50)
    billing: Billing | None = None

    @field_validator("name", "time_zone", "currency", "locale", "opening_hours", mode="before")
    @classmethod
    def not_without(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be removed")
        return value


class BusinessSummary(BaseModel):
    """What anybody who deals with the business may know."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    name: str
    time_zone: str
    currency: str
    locale: str


class BusinessView(BusinessSummary):
    version: int
    email: str | None
    opening_hours: list[OpeningHours]
    billing: Billing | None
    """Absent for members without `VIEW_FINANCIALS`."""
