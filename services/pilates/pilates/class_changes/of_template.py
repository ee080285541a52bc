"""A template changed together with its sessions that are still to come."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.runtime import Runtime
from pilates.class_changes.carrying_out import Planned, carried_out
from pilates.class_changes.reach import Wanted, target_of_template
from pilates.class_changes.schemas import TemplateChangesWrite
from pilates.class_changes.trying_out import Work
from pilates.class_series.models import ClassSeries
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.proposal import Change, OfTemplate
from pilates.class_templates.commands import snapshot, values_of
from pilates.class_templates.models import ClassTemplate
from pilates.class_templates.naming import named
from pilates.class_templates.problems import check_quiet_hours
from pilates.class_templates.queries import in_use
from pilates.copies.queries import known_business


async def change_template(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    template_id: UUID,
    wanted: TemplateChangesWrite,
    seen: int,
    now: datetime,
) -> Planned:
    """The template is changed when its sessions are: both or neither."""
    business = await known_business(session, runtime, caller.business_id)
    template = await in_use(session, caller.business_id, template_id)
    before = snapshot(template)
    check_version(template.version, seen, before)
    difference, after = await differing(session, runtime, template, wanted)
    ids = await ahead(session, template, now)

    async def look(rows: Sequence[ClassSession]) -> Work:
        kept = await kept_by_series(session, template)
        return Work(
            business,
            [
                target_of_template(row, {*row.overridden, *kept.get(row.series_id, ())}, difference)
                for row in rows
                if is_ahead(row, now)
            ],
            actor=caller.actor,
            notify=wanted.notify_customers,
            of_template=after,
        )

    planned = await carried_out(session, runtime, business, ids, look, wanted.token, now)
    if planned.plan.applied:
        told = wanted.template.model_dump(mode="json")
        action = "class-template.changed-with-sessions"
        audit.record(session, caller, action, template_id, at=now, before=before, after=told)
    return planned


async def differing(
    session: AsyncSession, runtime: Runtime, template: ClassTemplate, wanted: TemplateChangesWrite
) -> tuple[Wanted, OfTemplate]:
    """What its sessions are to take over, and what it is afterwards."""
    values = values_of(wanted.template)
    check_quiet_hours(values["quiet_from"], values["quiet_until"])
    references = {name: values[name] for name in ("instructor_id", "room_id", "props")}
    names = await named(session, runtime, template.business_id, **references)
    lasting = values.pop("duration_minutes")
    changed: dict[str, Any] = {
        name: value for name, value in values.items() if value != getattr(template, name)
    }
    for reference, name in (("instructor_id", "instructor_name"), ("room_id", "room_name")):
        if reference in changed:
            changed[name] = getattr(names, name)
    lasts = timedelta(minutes=lasting) if lasting != template.duration_minutes else None
    after = OfTemplate(
        template_id=template.id,
        version=template.version,
        change=Change(**values),
        duration_minutes=lasting,
    )
    return Wanted(changed, lasts=lasts), after


async def ahead(session: AsyncSession, template: ClassTemplate, now: datetime) -> list[UUID]:
    found = await session.scalars(
        select(ClassSession.id)
        .where(
            ClassSession.business_id == template.business_id,
            ClassSession.template_id == template.id,
            ClassSession.status != Status.CANCELLED,
            ClassSession.starts_at >= now,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return list(found)


def is_ahead(row: ClassSession, now: datetime) -> bool:
    """Still, under its lock."""
    return row.status != Status.CANCELLED and row.starts_at >= now


async def kept_by_series(
    session: AsyncSession, template: ClassTemplate
) -> dict[UUID | None, list[str]]:
    found = await session.execute(
        select(ClassSeries.id, ClassSeries.differs).where(
            ClassSeries.business_id == template.business_id,
            ClassSeries.template_id == template.id,
        )
    )
    return {series_id: differs for series_id, differs in found}
