from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.runtime import Runtime
from pilates.class_changes.asked import wanted_change
from pilates.class_changes.carrying_out import Planned, carried_out
from pilates.class_changes.reach import Target, concerned, series_after, target_in_series
from pilates.class_changes.schemas import ChangesWrite
from pilates.class_changes.trying_out import Work
from pilates.class_series.problems import NotInSeries
from pilates.class_sessions import queries as class_sessions
from pilates.class_sessions.cancelling import check_cancellable
from pilates.class_sessions.changing import check_changeable
from pilates.class_sessions.models import ClassSession
from pilates.class_sessions.proposal import Change
from pilates.copies.models import Business
from pilates.copies.queries import known_business


async def change(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    wanted: ChangesWrite,
    now: datetime,
) -> Planned:
    """Without token the plan, and nothing is written; with it, just what the plan says."""
    business = await known_business(session, runtime, caller.business_id)
    named = await class_sessions.read(session, caller.business_id, session_id)
    ids = await ids_of(session, named, wanted)

    async def look(rows: Sequence[ClassSession]) -> Work:
        return await work_for(session, runtime, caller, business, named, rows, wanted, now)

    planned = await carried_out(session, runtime, business, ids, look, wanted.token, now)
    if planned.plan.applied:
        after = wanted.model_dump(mode="json", exclude_unset=True, exclude={"token"})
        changed = [str(one.session_id) for one in planned.plan.sessions]
        audit.record(
            session,
            caller,
            "class-sessions.changed",
            session_id,
            at=now,
            after=after | {"sessions": changed},
        )
    return planned


async def ids_of(session: AsyncSession, named: ClassSession, wanted: ChangesWrite) -> list[UUID]:
    """Of all of its series, the one that is named first; raises NotInSeries."""
    if wanted.scope == "this":
        return [named.id]
    if named.series_id is None:
        raise NotInSeries
    found = await session.scalars(
        select(ClassSession.id)
        .where(
            ClassSession.business_id == named.business_id,
            ClassSession.series_id == named.series_id,
        )
        .order_by(ClassSession.occurs_on)
    )
    return list(found)


async def work_for(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    business: Business,
    named: ClassSession,
    rows: Sequence[ClassSession],
    wanted: ChangesWrite,
    now: datetime,
) -> Work:
    found = concerned(named, rows, wanted.scope, now)
    common: dict[str, Any] = {"actor": caller.actor, "notify": wanted.notify_customers}
    if wanted.change is None:
        check_cancellable(named, now)
        targets = [Target(row, Change()) for row in found]
        return Work(business, targets, cancels=True, reason=wanted.reason, **common)
    check_changeable(named)
    asked = await wanted_change(session, runtime, business, named, wanted)
    if asked.series is None:
        return Work(business, [asked.alone], **common)
    targets = [target_in_series(row, named, asked.series, asked.wanted) for row in found]
    after = series_after(asked.series, targets, asked.wanted)
    return Work(business, targets, of_series=after, **common)
