from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calendaring.recurrence_rule import MAX_LENGTH, normalized
from chassis.pages import PageRequest
from contracts.moments import Moment, Start
from contracts.text import Line
from scheduling.working_hours.local_date import LocalDate

Rule = Annotated[str, Field(max_length=MAX_LENGTH), AfterValidator(normalized)]


class TimeOffChange(BaseModel, extra="forbid"):
    """All of it but whose it is, which never changes."""

    title: Line
    """For the studio; clients never see it."""
    starts_at: Start
    ends_at: Start
    """Instants, or without offset the wall clock of the business."""
    rule: Rule | None = None
    """An RFC 5545 RRULE on the wall clock; `starts_at` is its first occurrence."""
    except_dates: list[LocalDate] = Field(default_factory=list, max_length=400)
    """Local dates on which the rule's occurrence is left out."""
    force: bool = Field(default=False, strict=True)
    """Although there are appointments in this time, which are kept."""

    @model_validator(mode="after")
    def excepts_from_a_rule(self) -> "TimeOffChange":
        if self.except_dates and not self.rule:
            raise ValueError("except_dates need a rule")
        return self


class TimeOffWrite(TimeOffChange):
    staff_id: UUID | None
    """Null, said aloud, closes the whole business."""


class TimeOffFilter(PageRequest):
    model_config = ConfigDict(populate_by_name=True)

    begins: Moment | None = Field(default=None, alias="from")
    ends: Moment | None = Field(default=None, alias="to")
    """What is over before the one or begins after the other is left out."""
    staff_id: UUID | None = None
    """Theirs, and closures, which are everybody's."""


class TimeOffView(BaseModel):
    id: UUID
    version: int
    staff_id: UUID | None
    title: str
    """`Busy` on somebody else's to a member without `MANAGE_CALENDAR`."""
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    """Of the first occurrence: local time of the business, with its offset then."""
    rule: str | None
    except_dates: list[LocalDate]
