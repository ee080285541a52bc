from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calendaring.recurrence_rule import normalized, parts_of
from chassis.pages import PageRequest
from scheduling.appointments.schemas import AppointmentView, AppointmentWrite
from scheduling.slots.refusal import Refusal

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
LEAST, MOST = 2, 104


def rule_of_appointments(typed: str) -> str:
    rule = normalized(typed)
    parts = parts_of(rule)
    if parts["FREQ"] not in FREQUENCIES:
        raise ValueError(f"FREQ is one of {', '.join(FREQUENCIES)}")
    if "UNTIL" in parts:
        raise ValueError("a series of appointments ends by its count")
    return rule


class SeriesWrite(AppointmentWrite):
    staff_id: UUID
    rule: Annotated[str, AfterValidator(rule_of_appointments)]
    """An RFC 5545 RRULE; `starts_at` is its first occurrence."""
    count: int | None = Field(default=None, strict=True, ge=LEAST, le=MOST)
    """How many; absent where the rule says so."""
    on_conflict: Literal["refuse", "skip"] = "refuse"
    dry_run: bool = Field(default=False, strict=True)
    """Write nothing, and list every occurrence with what is in its way."""

    @model_validator(mode="after")
    def has_one_count(self) -> "SeriesWrite":
        within = parts_of(self.rule).get("COUNT")
        if (within is None) == (self.count is None):
            raise ValueError("say COUNT in the rule, or count beside it")
        if within is None:
            self.rule = f"{self.rule};COUNT={self.count}"
        elif not LEAST <= int(within) <= MOST:
            raise ValueError(f"COUNT is between {LEAST} and {MOST}")
        return self


class Occurrence(BaseModel):
    occurs_on: datetime
    """Local time by the rule."""
    starts_at: datetime
    ends_at: datetime
    moved_by_gap: bool
    """The clocks skip its local time, so it begins later by as much as they skip."""
    refused: Refusal | None = None
    """Why it is not booked."""
    appointment_id: UUID | None = None


class BookedSeries(BaseModel):
    id: UUID | None
    """Absent after a dry run."""
    rule: str
    time_zone: str
    occurrences: list[Occurrence]
    is_settled: bool = True
    """False: each of its appointments still asks for the machine or the credit that it needs. What
    cannot have them is cancelled, and says why; the others stay."""


class InSeries(BaseModel):
    appointment: AppointmentView
    overridden: bool
    """It was changed alone, and what changes the series leaves it as it is."""
    moved_by_gap: bool


class SeriesFilter(PageRequest):
    staff_id: UUID | None = None
    service_id: UUID | None = None


class SeriesSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    service_id: UUID
    staff_id: UUID
    rule: str
    starts_at: datetime
    """Local time of the rule's first occurrence."""
    time_zone: str
    moved_minutes: int
    """By how much it has been moved from its rule since."""
    length_minutes: int
    split_from: UUID | None
    """The series that it was the later part of, until that part was changed."""
    booked_at: datetime


class SeriesView(SeriesSummary):
    appointments: list[InSeries]
