from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from catalog.businesses.schemas import BusinessSummary
from catalog.deposit_policy import DepositPolicy
from catalog.search_text import SearchText
from catalog.services.schemas import Question, Questions
from chassis.pages import PageRequest
from contracts.text import Line, Paragraphs, Slug, reject_control_characters


def reject_repetition(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) < len(ids):
        raise ValueError("names something twice")
    return ids


OfferedIds = Annotated[list[UUID], Field(max_length=200), AfterValidator(reject_repetition)]
"""In the order in which the page shows them."""
HttpsUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^https://[A-Za-z0-9.-]+(:\d{1,5})?(/[^\s\"'<>\\]*)?$", max_length=500
    ),
    AfterValidator(reject_control_characters),
]


class Theme(BaseModel, extra="forbid"):
    accent_colour: Annotated[str, StringConstraints(pattern="^#[0-9A-Fa-f]{6}$")] = "#0f766e"
    logo_url: HttpsUrl | None = None


class Texts(BaseModel, extra="forbid"):
    welcome: Paragraphs = ""
    confirmation: Paragraphs = ""


class PageConfiguration(BaseModel, extra="forbid"):
    """What a booking page offers and how it looks; its JSON Schema is public."""

    service_ids: OfferedIds = Field(default_factory=list)
    class_ids: OfferedIds = Field(default_factory=list)
    questions: Questions = Field(default_factory=list)
    """Asked whatever is booked; a service's own questions come after them."""
    theme: Theme = Field(default_factory=Theme)
    texts: Texts = Field(default_factory=Texts)
    deposit: DepositPolicy | None = None
    """Stands above the services' own, and never takes more than a price; absent: theirs hold."""


class BookingPageWrite(BaseModel, extra="forbid"):
    slug: Slug
    title: Line
    published: bool = False
    configuration: PageConfiguration = Field(default_factory=PageConfiguration)


class BookingPageFilter(PageRequest):
    q: SearchText | None = None
    """Part of the title or slug."""
    published: bool | None = None
    archived: bool = False


class BookingPageView(BookingPageWrite):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID
    version: int
    archived_at: datetime | None


class PublicStaffMember(BaseModel):
    id: UUID
    name: str


class PublicService(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    description: str
    duration_minutes: int
    price_cents: int
    deposit: DepositPolicy
    """The page's, or the service's own."""
    deposit_cents: int
    """What it comes to at this price."""
    requires_approval: bool
    questions: list[Question]
    staff: list[PublicStaffMember]


class PublicPage(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    slug: str
    title: str
    configuration: PageConfiguration


class PublicBooking(BaseModel):
    """All that a stranger needs to choose; no e-mail, no note, no buffer."""

    page: PublicPage
    business: BusinessSummary
    services: list[PublicService]
