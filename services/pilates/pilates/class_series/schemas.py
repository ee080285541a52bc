from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calendaring.recurrence_rule import normalized, parts_of
from chassis.pages import PageRequest
from contracts.moments import Start
from contracts.text import Line
from pilates.class_sessions.schemas import SessionView
from pilates.class_templates.schemas import Capacity, ClassWrite, Duration

MOST = 200
"""Occurrences of a series."""


class SeriesWrite(ClassWrite):
    """A template by a rule; what is said beside them holds for all of the series."""

    template_id: UUID
    starts_at: Start
    """The first occurrence of the rule."""
    rule: Annotated[str, AfterValidator(normalized)]
    """An RFC 5545 RRULE with COUNT or UNTIL, in local time."""
    name: Line = ""
    capacity: Capacity = 0
    duration_minutes: Duration = 0
    on_conflict: Literal["refuse", "skip"] = "refuse"
    publish: bool = Field(default=True, strict=True)
    dry_run: bool = Field(default=False, strict=True)
    """Write nothing, and list every occurrence with what is in its way."""

    @model_validator(mode="after")
    def ends(self) -> Self:
        parts = parts_of(self.rule)
        if not parts.keys() & {"COUNT", "UNTIL"}:
            raise ValueError("a series ends: say COUNT or UNTIL in its rule")
        if int(parts.get("COUNT", 1)) > MOST:
            raise ValueError(f"COUNT is at most {MOST}")
        return self


class Occurrence(BaseModel):
    occurs_on: datetime
    """Local time by the rule."""
    starts_at: datetime
    ends_at: datetime
    moved_by_gap: bool
    """The clocks skip its local time, so it begins later by as much as they skip."""
    refused: dict[str, Any] | None = None
    """RFC 9457: why it is not held."""
    session_id: UUID | None = None


class MadeSeries(BaseModel):
    id: UUID | None
    """Absent after a dry run."""
    template_id: UUID
    rule: str
    """With its COUNT."""
    time_zone: str
    occurrences: list[Occurrence]


class SeriesSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    template_id: UUID
    rule: str
    starts_at: datetime
    """Local time of the rule's first occurrence."""
    time_zone: str
    moved_minutes: int
    """By how much, on the wall clock, it has been moved from its rule since."""
    differs: list[str]
    """In what it differs from its template."""
    except_for: list[datetime]
    """Occurrences that were deleted, by their `occurs_on`."""
    split_from: UUID | None
    made_at: datetime


class InSeries(BaseModel):
    session: SessionView
    moved_by_gap: bool


class SeriesView(SeriesSummary):
    sessions: list[InSeries]


class SeriesFilter(PageRequest, extra="forbid"):
    template_id: UUID | None = None
