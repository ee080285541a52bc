import re
from datetime import time
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

WEEKS_IN_MINUTES = 14 * 24 * 60
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def on_the_minute(local: time) -> time:
    if local.tzinfo or local.second or local.microsecond:
        raise ValueError("is a local time of whole minutes, such as 21:00")
    return local


def check_address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("is not an e-mail address, such as hello@studio.example")
    return text


def different(leads: list[int]) -> list[int]:
    if len(set(leads)) != len(leads):
        raise ValueError("must not name the same twice")
    return leads


LocalTime = Annotated[
    time,
    AfterValidator(on_the_minute),
    PlainSerializer(lambda local: local.isoformat("minutes"), return_type=str, when_used="json"),
]
Colour = Annotated[str, StringConstraints(pattern="^#[0-9a-fA-F]{6}$")]
Minutes = Annotated[int, Field(strict=True, ge=15, le=WEEKS_IN_MINUTES)]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(check_address)
]


class MailSettingsWrite(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    accent: Colour
    """Of the line above a mail and of its buttons."""
    reply_to: Address | None
    """Where answers go; absent: to the business's own address."""
    reminder_minutes: Annotated[list[Minutes], Field(max_length=4), AfterValidator(different)]
    """How long before a booking it is reminded of; none: never."""
    quiet_from: LocalTime | None
    quiet_until: LocalTime | None
    """Between the two nobody is reminded, in the business's local time."""
    notices_to_staff: bool
    """Each is told of new, changed and cancelled bookings of their own."""
    notices_to_business: bool
    """The business's own address is told of them all."""
    agenda_at: LocalTime | None
    """When each staff member gets the day's bookings; absent: not at all."""

    @model_validator(mode="after")
    def quiet_hours_have_two_ends(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("`quiet_from` and `quiet_until` are both there or both absent")
        return self


class MailSettingsView(MailSettingsWrite):
    version: int
