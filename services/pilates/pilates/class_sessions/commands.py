from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of
from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.runtime import Runtime
from pilates.attendances.holding import lock_sessions
from pilates.class_policies import POLICIES
from pilates.class_sessions.announcing import snapshot
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.problems import IllegalSessionChange
from pilates.class_sessions.proposal import Proposal
from pilates.class_sessions.proposing import propose
from pilates.class_sessions.schemas import SessionWrite
from pilates.class_templates.naming import named
from pilates.class_templates.problems import check_quiet_hours
from pilates.class_templates.queries import in_use
from pilates.class_templates.schemas import ClassWrite
from pilates.copies.models import Business
from pilates.copies.queries import known_business

FROM_TEMPLATE = (
    "name",
    "description",
    "capacity",
    "duration_minutes",
    "instructor_id",
    "room_id",
    "spot_kind",
    *POLICIES,
)


async def create(
    session: AsyncSession, runtime: Runtime, caller: Principal, wanted: SessionWrite, now: datetime
) -> ClassSession:
    """A draft, or published: at once where nobody has to be asked, else `pending` until then."""
    business = await known_business(session, runtime, caller.business_id)
    values = await values_from(session, business, wanted, wanted.template_id)
    values["starts_at"] = instant_of(wanted.starts_at, business.time_zone)
    row = await made(session, runtime, business, values, wanted.template_id, now)
    if wanted.template_id:
        row.overridden = sorted(wanted.model_fields_set & set(FROM_TEMPLATE))
    session.add(row)
    await session.flush()
    record(session, caller, "class-session.created", row, business, None, now)
    if wanted.publish:
        await propose(session, business, row, Proposal(actor=caller.actor, fresh=True), now)
    return row


async def publish(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    seen: int | None,
    now: datetime,
) -> ClassSession:
    business = await known_business(session, runtime, caller.business_id)
    [row] = await lock_sessions(session, business.business_id, session_id)
    before = state(row, business)
    check_version(row.version, seen, before)
    if row.status != Status.DRAFT:
        raise IllegalSessionChange(session_status=row.status)
    await propose(session, business, row, Proposal(actor=caller.actor), now)
    record(session, caller, "class-session.published", row, business, before, now)
    return row


async def values_from(
    session: AsyncSession, business: Business, wanted: ClassWrite, template_id: UUID | None
) -> dict[str, Any]:
    """The template's, and what is said beside it."""
    values: dict[str, Any] = {}
    said = wanted.model_dump(exclude_unset=template_id is not None)
    if template_id:
        template = await in_use(session, business.business_id, template_id)
        values = {name: getattr(template, name) for name in FROM_TEMPLATE}
    values |= {name: value for name, value in said.items() if name in FROM_TEMPLATE}
    values["props"] = as_stored(values["props"])
    check_quiet_hours(values["quiet_from"], values["quiet_until"])
    return values


def lasting(values: dict[str, Any]) -> timedelta:
    return timedelta(minutes=values["duration_minutes"])


def as_stored(props: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [prop | {"resource_id": str(prop["resource_id"])} for prop in props]


async def made(
    session: AsyncSession,
    runtime: Runtime,
    business: Business,
    values: dict[str, Any],
    template_id: UUID | None,
    now: datetime,
    **of_series: Any,
) -> ClassSession:
    """A draft, not stored yet. Raises NotFound for what it names and is not there."""
    names = {name: values[name] for name in ("instructor_id", "room_id", "props")}
    known = await named(session, runtime, business.business_id, **names)
    return draft(business, values, vars(known), template_id, now, **of_series)


def draft(
    business: Business,
    values: dict[str, Any],
    names: dict[str, Any],
    template_id: UUID | None,
    now: datetime,
    **of_series: Any,
) -> ClassSession:
    own = {name: value for name, value in values.items() if name != "duration_minutes"}
    return ClassSession(
        business_id=business.business_id,
        status=Status.DRAFT,
        template_id=template_id,
        ends_at=values["starts_at"] + lasting(values),
        version=1,
        sequence=0,
        hold_version=0,
        last_version=0,
        made_at=now,
        overridden=[],
        **own | names | of_series,
    )


def state(row: ClassSession, business: Business) -> dict[str, Any]:
    """For the audit trail, and for whoever saw another version."""
    return snapshot(row, business).model_dump(mode="json")


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    row: ClassSession,
    business: Business,
    before: dict[str, Any] | None,
    now: datetime,
) -> None:
    after = state(row, business)
    audit.record(session, caller, action, row.id, at=now, before=before, after=after)
