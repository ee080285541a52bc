from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chassis.pages import PageRequest
from contracts.text import Line, Paragraphs

MOST_CREDITS = 1000
MOST_DAYS = 3660

Cents = Annotated[int, Field(strict=True, ge=0, le=100_000_000)]
"""Minor units of the business's currency."""
Ids = Annotated[list[UUID], Field(max_length=200), AfterValidator(lambda ids: sorted(set(ids)))]


class PackageTypeWrite(BaseModel, extra="forbid"):
    name: Line
    description: Paragraphs = ""
    credits: int = Field(strict=True, ge=1, le=MOST_CREDITS)
    validity_days: int | None = Field(default=None, strict=True, ge=1, le=MOST_DAYS)
    """Local days, the first one included; absent: it does not expire."""
    valid_from: Literal["purchase", "first_use"] = "purchase"
    service_ids: Ids | None = None
    """Services that it pays for; absent: all. Empty: none."""
    template_ids: Ids | None = None
    """Class templates that it pays for; absent: every class, also one without template."""
    price_cents: Cents
    once_per_customer: bool = False


class PackageTypeFilter(PageRequest):
    archived: bool = False
    """Also those that are not sold any more."""


class PackageTypeView(PackageTypeWrite):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID
    version: int
    archived_at: datetime | None
