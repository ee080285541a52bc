"""Planned, and with the token of the plan carried out."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.due_rows import Key
from chassis.runtime import Runtime
from pilates.attendances.holding import lock_sessions
from pilates.class_changes.problems import ChangeConflicts, StalePlan, TooManySessions
from pilates.class_changes.schemas import Plan
from pilates.class_changes.trying_out import Work, do, tried_out
from pilates.class_sessions.asking_first import who_is_not_free
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business

MOST = 300


class Planned(NamedTuple):
    plan: Plan
    open: Key | None = None
    """A session that waits for its instructor, with all that were changed together with it."""


Look = Callable[[Sequence[ClassSession]], Awaitable[Work]]
"""What is to be done with sessions as they are by now."""


async def carried_out(
    session: AsyncSession,
    runtime: Runtime,
    business: Business,
    ids: Sequence[UUID],
    look: Look,
    token: str | None,
    now: datetime,
) -> Planned:
    if len(ids) > MOST:
        raise TooManySessions(most=MOST, sessions=len(ids))
    if token is None:
        return Planned(await planned(session, runtime, business, ids, look, now))
    rows = await lock_sessions(session, business.business_id, *ids)
    plan = await tried_out(session, await look(rows), now)
    if plan.token != token:
        raise StalePlan(plan=plan.model_dump(mode="json"))
    # What was tried out is undone, and what it had read with it.
    rows = await lock_sessions(session, business.business_id, *ids)
    work = await look(rows)
    if refused := await do(session, work, now):
        raise ChangeConflicts(conflicts=list(refused.values()))
    waiting = [(row.business_id, row.id) for row in rows if row.settle_at]
    applied = plan.model_copy(update={"token": None, "applied": True})
    return Planned(applied, waiting[0] if waiting else None)


async def planned(
    session: AsyncSession,
    runtime: Runtime,
    business: Business,
    ids: Sequence[UUID],
    look: Look,
    now: datetime,
) -> Plan:
    """Instructors are asked for before anything is locked."""
    found = await session.scalars(
        select(ClassSession)
        .where(ClassSession.business_id == business.business_id, ClassSession.id.in_(ids))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    work = await look(list(found))
    busy: dict[UUID, dict[str, Any]] = {}
    if not work.cancels:
        rows = [target.row for target in work.targets]
        proposals = [work.proposal(target) for target in work.targets]
        busy = await who_is_not_free(runtime, rows, proposals, now)
    rows = await lock_sessions(session, business.business_id, *ids)
    work = await look(rows)
    work.refused.update(busy)
    return await tried_out(session, work, now)
