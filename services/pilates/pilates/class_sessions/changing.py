"""One session changed alone: what it needs is taken first, and what it had is kept until then."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.runtime import Runtime
from pilates.attendances.holding import lock_sessions
from pilates.attendances.session_changes import Consequences
from pilates.class_sessions.commands import as_stored, record, state
from pilates.class_sessions.counts import count
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.problems import (
    CapacityBelowBooked,
    IllegalSessionChange,
    StillSettling,
)
from pilates.class_sessions.proposal import Change, Proposal, differing
from pilates.class_sessions.proposing import propose
from pilates.class_sessions.schemas import SessionChange, SessionPatch
from pilates.class_templates.naming import named
from pilates.class_templates.problems import check_quiet_hours
from pilates.copies.models import Business
from pilates.copies.queries import known_business


async def change(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    wanted: SessionPatch,
    seen: int,
    now: datetime,
) -> tuple[ClassSession, Consequences | None]:
    """None: its instructor is being asked for, and until then it is as it was."""
    business = await known_business(session, runtime, caller.business_id)
    [row] = await lock_sessions(session, business.business_id, session_id)
    before = state(row, business)
    check_version(row.version, seen, before)
    check_changeable(row)
    values = values_of(wanted, row, business)
    overridden = fields_of(values, row)
    changed = differing(row, await with_names(session, runtime, row, values))
    if not changed.model_fields_set:
        return row, Consequences()
    if row.template_id or row.series_id:
        changed.overridden = sorted({*row.overridden, *overridden})
    done = await change_held(
        session, row, business, changed, caller.actor, now, notify=wanted.notify_customers
    )
    record(session, caller, "class-session.changed", row, business, before, now)
    return row, done


def check_changeable(row: ClassSession) -> None:
    if row.proposed_version is not None:
        raise StillSettling
    if row.status == Status.CANCELLED:
        raise IllegalSessionChange(session_status=row.status)


async def change_held(
    session: AsyncSession,
    row: ClassSession,
    business: Business,
    changed: Change,
    actor: str,
    now: datetime,
    *,
    notify: bool,
) -> Consequences | None:
    if row.status == Status.DRAFT:
        await change_draft(session, row, changed)
        return Consequences()
    await check_capacity(session, row, changed, now)
    proposal = Proposal(change=changed, actor=actor, notify=notify)
    return await propose(session, business, row, proposal, now)


async def change_draft(session: AsyncSession, row: ClassSession, changed: Change) -> None:
    for name, value in changed.values().items():
        setattr(row, name, value)
    row.version += 1
    await session.flush()


async def check_capacity(
    session: AsyncSession, row: ClassSession, changed: Change, now: datetime
) -> None:
    """Of a published session; nobody loses a place because there are to be fewer."""
    if "capacity" not in changed.model_fields_set:
        return
    counts = (await count(session, row.business_id, [row], now)).of[row.id]
    if changed.capacity < counts.booked + counts.offered:
        raise CapacityBelowBooked(
            capacity=changed.capacity, booked=counts.booked, offered=counts.offered
        )


def values_of(wanted: SessionChange, row: ClassSession, business: Business) -> dict[str, Any]:
    """As columns. It lasts as long as before unless its length is said."""
    values = wanted.model_dump(exclude_unset=True, include=set(SessionChange.model_fields))
    if "props" in values:
        values["props"] = as_stored(values["props"])
    lasts = row.ends_at - row.starts_at
    if "duration_minutes" in values:
        lasts = timedelta(minutes=values.pop("duration_minutes"))
    starts_at = values.get("starts_at", row.starts_at)
    values["starts_at"] = instant_of(starts_at, business.time_zone)
    values["ends_at"] = values["starts_at"] + lasts
    check_quiet_hours(
        *(values.get(name, getattr(row, name)) for name in ("quiet_from", "quiet_until"))
    )
    return values


def fields_of(values: dict[str, Any], row: ClassSession) -> set[str]:
    """What was changed, in the words of a template or series: a start and a length."""
    fields = {
        name for name, value in values.items() if name != "ends_at" and value != getattr(row, name)
    }
    if values["ends_at"] - values["starts_at"] != row.ends_at - row.starts_at:
        fields.add("duration_minutes")
    return fields


async def with_names(
    session: AsyncSession, runtime: Runtime, row: ClassSession, values: dict[str, Any]
) -> dict[str, Any]:
    """Only what is newly named has to be there: what has been archived since may go on."""
    asked = {
        name: values[name]
        for name in ("instructor_id", "room_id", "props")
        if name in values and values[name] != getattr(row, name)
    }
    absent: dict[str, Any] = {"instructor_id": None, "room_id": None}
    found = await named(session, runtime, row.business_id, **absent | asked)
    if "instructor_id" in asked:
        values = values | {"instructor_name": found.instructor_name}
    if "room_id" in asked:
        values = values | {"room_name": found.room_name}
    return values
