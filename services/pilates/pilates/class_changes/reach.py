"""Which sessions a change concerns, and what it makes of each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from calendaring.local_time import in_zone, on_wall_clock
from pilates.class_changes.schemas import Scope
from pilates.class_series.models import ClassSeries
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.proposal import Change, OfSeries, differing

TIME = ("starts_at", "ends_at", "duration_minutes")


@dataclass(frozen=True)
class Wanted:
    """A change as it is said of the one session that is named."""

    values: dict[str, Any]
    """Columns but for its time; with the names of what it names."""
    shift: timedelta = timedelta(0)
    """On the wall clock."""
    starts_at: datetime | None = None
    """Of the one that is named."""
    lasts: timedelta | None = None

    @property
    def fields(self) -> list[str]:
        """In the words of a template or series."""
        named = {"instructor_name", "room_name"}
        return sorted(
            (self.values.keys() - named)
            | ({"starts_at"} if self.starts_at else set())
            | ({"duration_minutes"} if self.lasts else set())
        )


@dataclass(frozen=True)
class Target:
    row: ClassSession
    change: Change
    keeps: list[str] = field(default_factory=list)


def concerned(
    named: ClassSession, rows: Sequence[ClassSession], scope: Scope, now: datetime
) -> list[ClassSession]:
    """The one that is named, and all others that are open and later, or still to come."""
    if scope == "this":
        return [named]
    return [
        row
        for row in rows
        if row is named
        or (
            row.status != Status.CANCELLED
            and row.ends_at > now
            and (
                occurrence(row) > occurrence(named)
                if scope == "this_and_future"
                else row.starts_at >= now
            )
        )
    ]


def wall_clock(row: ClassSession, series: ClassSeries) -> datetime:
    """Of one that the clocks had moved by a gap, its own time by the rule."""
    by_rule = occurrence(row) + timedelta(minutes=series.moved_minutes)
    if in_zone(by_rule, series.time_zone).instant == row.starts_at:
        return by_rule
    return on_wall_clock(row.starts_at, series.time_zone)


def target_in_series(
    row: ClassSession, named: ClassSession, series: ClassSeries, wanted: Wanted
) -> Target:
    """What was changed of it alone stays so, unless it is the one that is named."""
    own = set() if row is named else set(row.overridden)
    values = {name: value for name, value in wanted.values.items() if word_of(name) not in own}
    starts_at, lasts = row.starts_at, row.ends_at - row.starts_at
    if wanted.starts_at and "starts_at" not in own:
        shifted = in_zone(wall_clock(row, series) + wanted.shift, series.time_zone).instant
        starts_at = wanted.starts_at if row is named else shifted
    if wanted.lasts and "duration_minutes" not in own:
        lasts = wanted.lasts
    values |= {"starts_at": starts_at, "ends_at": starts_at + lasts}
    if row is named:
        values["overridden"] = sorted(set(row.overridden) - set(wanted.fields))
    return Target(row, differing(row, values), sorted(own & set(wanted.fields)))


def word_of(column: str) -> str:
    """A name goes with what it names."""
    return column.replace("_name", "_id") if column in ("instructor_name", "room_name") else column


def series_after(series: ClassSeries, targets: Sequence[Target], wanted: Wanted) -> OfSeries:
    fields = set(wanted.fields) - {"starts_at"}
    return OfSeries(
        series_id=series.id,
        since=min(occurrence(target.row) for target in targets),
        moved_minutes=series.moved_minutes + int(wanted.shift.total_seconds()) // 60,
        differs=sorted({*series.differs, *fields}),
    )


def target_of_template(row: ClassSession, kept: set[str], wanted: Wanted) -> Target:
    """`kept`: in what the session, or its series, differs from the template."""
    values = {name: value for name, value in wanted.values.items() if word_of(name) not in kept}
    if wanted.lasts and "duration_minutes" not in kept:
        values["ends_at"] = row.starts_at + wanted.lasts
    return Target(row, differing(row, values), sorted(kept & set(wanted.fields)))


def occurrence(row: ClassSession) -> datetime:
    assert row.occurs_on is not None, "every session of a series has its place in it"
    return row.occurs_on
