from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from catalog.businesses.localization import Locale
from catalog.email_address import Email
from catalog.search_text import SearchText
from chassis.pages import PageRequest
from contracts.moments import TimeZone
from contracts.text import Line, Paragraphs, reject_control_characters

MOST_TAGS = 30

Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern="^[^|;,]+$", max_length=50),
    AfterValidator(reject_control_characters),
]
"""Without the characters that separate tags in a CSV cell."""
Tags = Annotated[set[Tag], Field(max_length=MOST_TAGS)]
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    AfterValidator(reject_control_characters),
]


class ContactPreferences(BaseModel, extra="forbid"):
    """By which ways they want to hear from the studio; a booking's mails are always sent."""

    email: bool = True
    sms: bool = False
    marketing: bool = False


class CustomerWrite(BaseModel, extra="forbid"):
    name: Line
    email: Email | None = None
    phone: Phone | None = None
    """Becomes E.164; without a country code it is read as of the business's country."""
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    """Where they live, if they have told; mails say times there as well."""
    contact_preferences: ContactPreferences = Field(default_factory=ContactPreferences)
    tags: Tags = Field(default_factory=set)
    notes: Paragraphs | None = None
    """Kept as they are when a member without `VIEW_CUSTOMER_NOTES` writes."""


class CustomerFilter(PageRequest):
    q: SearchText | None = None
    """Part of the name, e-mail or phone, and of the notes for those who may see them."""
    tag: SearchText | None = None
    archived: bool = False


class CustomerView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    email: str | None
    phone: str | None
    locale: str | None
    time_zone: str | None
    contact_preferences: ContactPreferences
    tags: list[str]
    notes: str | None
    """Absent for members without `VIEW_CUSTOMER_NOTES`."""
    archived_at: datetime | None


class RowError(BaseModel):
    row: int
    """As a spreadsheet counts: the header is row 1."""
    column: str | None
    detail: str


class ImportReport(BaseModel):
    """What an import did, or would do when it is a dry run."""

    dry_run: bool
    created: int
    updated: int
    unchanged: int
    errors: list[RowError]
