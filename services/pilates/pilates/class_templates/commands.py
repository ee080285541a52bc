from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime
from pilates.class_templates.models import ClassTemplate
from pilates.class_templates.naming import named
from pilates.class_templates.problems import check_quiet_hours
from pilates.class_templates.schemas import ClassWrite, TemplateView


async def create(
    session: AsyncSession, runtime: Runtime, caller: Principal, wanted: ClassWrite, now: datetime
) -> ClassTemplate:
    values = values_of(wanted)
    await check_named(session, runtime, caller.business_id, values)
    template = ClassTemplate(business_id=caller.business_id, **values)
    session.add(template)
    await session.flush()
    record(session, caller, "class-template.created", template, None, now)
    return template


async def change(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    template_id: UUID,
    wanted: ClassWrite,
    seen: int | None,
    now: datetime,
) -> ClassTemplate:
    """Sessions that were made from it stay as they are."""
    template = await locked(session, caller, template_id)
    before = snapshot(template)
    check_version(template.version, seen, before)
    values = values_of(wanted)
    await check_named(session, runtime, caller.business_id, values)
    template.change(values)
    await session.flush()
    record(session, caller, "class-template.changed", template, before, now)
    return template


async def archive(
    session: AsyncSession, caller: Principal, template_id: UUID, seen: int | None, now: datetime
) -> None:
    """Its sessions go on; nothing new is made from it."""
    template = await locked(session, caller, template_id)
    before = snapshot(template)
    check_version(template.version, seen, before)
    template.archive(now)
    await session.flush()
    record(session, caller, "class-template.archived", template, before, now)


async def locked(session: AsyncSession, caller: Principal, template_id: UUID) -> ClassTemplate:
    template = await session.get(
        ClassTemplate, (caller.business_id, template_id), with_for_update={"key_share": True}
    )
    if template is None or template.archived_at:
        raise NotFound
    return template


async def check_named(
    session: AsyncSession, runtime: Runtime, business_id: UUID, values: dict[str, Any]
) -> None:
    check_quiet_hours(values["quiet_from"], values["quiet_until"])
    names = {name: values[name] for name in ("instructor_id", "room_id", "props")}
    await named(session, runtime, business_id, **names)


def values_of(wanted: ClassWrite) -> dict[str, Any]:
    props = [prop.model_dump(mode="json") for prop in wanted.props]
    return wanted.model_dump() | {"props": props}


def snapshot(template: ClassTemplate) -> dict[str, Any]:
    return TemplateView.model_validate(template).model_dump(mode="json")


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    template: ClassTemplate,
    before: dict[str, Any] | None,
    now: datetime,
) -> None:
    after = snapshot(template)
    audit.record(session, caller, action, template.id, before=before, after=after, at=now)
