from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from catalog.businesses.localization import Currency, Locale
from catalog.email_address import Email
from contracts.moments import TimeZone
from contracts.text import Line, Slug, reject_control_characters

NewPassword = Annotated[
    str,
    StringConstraints(min_length=10, max_length=200),
    AfterValidator(reject_control_characters),
]
Password = Annotated[
    str, StringConstraints(max_length=200), AfterValidator(reject_control_characters)
]


class SignUp(BaseModel, extra="forbid"):
    email: Email
    password: NewPassword
    name: Line
    business_name: Line
    slug: Slug | None = None
    """Made of the business's name if absent."""
    time_zone: TimeZone
    currency: Currency
    locale: Locale = "en"


class AccountView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    name: str
