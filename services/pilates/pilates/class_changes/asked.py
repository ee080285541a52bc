"""What was asked for of the one session that is named, looked up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import on_wall_clock
from chassis.runtime import Runtime
from pilates.class_changes.reach import Target, Wanted, wall_clock
from pilates.class_changes.schemas import ChangesWrite
from pilates.class_series.models import ClassSeries
from pilates.class_sessions.changing import fields_of, values_of, with_names
from pilates.class_sessions.models import ClassSession
from pilates.class_sessions.proposal import differing
from pilates.class_sessions.schemas import SessionChange
from pilates.copies.models import Business


@dataclass(frozen=True)
class Asked:
    wanted: Wanted
    alone: Target
    """If it is this one alone."""
    series: ClassSeries | None
    """If it is more than this one."""


async def wanted_change(
    session: AsyncSession,
    runtime: Runtime,
    business: Business,
    named: ClassSession,
    asked: ChangesWrite,
) -> Asked:
    assert asked.change is not None, "asked for when a change is asked for"
    values = values_of(asked.change, named, business)
    fields = fields_of(values, named)
    values = await with_names(session, runtime, named, values)
    alone = differing(named, values)
    if (named.template_id or named.series_id) and alone.model_fields_set:
        alone.overridden = sorted({*named.overridden, *fields})
    series = None
    if asked.scope != "this" and named.series_id:
        series = await session.get_one(ClassSeries, (named.business_id, named.series_id))
        await session.refresh(series)
    return Asked(said(asked.change, values, named, series), Target(named, alone), series)


def said(
    change: SessionChange, values: dict[str, Any], named: ClassSession, series: ClassSeries | None
) -> Wanted:
    others = {name: value for name, value in values.items() if name not in ("starts_at", "ends_at")}
    lasts = None
    if "duration_minutes" in change.model_fields_set:
        lasts = values["ends_at"] - values["starts_at"]
    if series is None or values["starts_at"] == named.starts_at:
        return Wanted(others, lasts=lasts)
    there = on_wall_clock(values["starts_at"], series.time_zone)
    shift: timedelta = there - wall_clock(named, series)
    return Wanted(others, shift, values["starts_at"], lasts)
