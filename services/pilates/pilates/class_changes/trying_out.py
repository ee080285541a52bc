"""A plan is what would happen: it is done, looked at, and undone.

So it lists what applying it does, by construction: both are the same code.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Problem
from contracts.event import Event
from pilates.class_changes.outcome import plan_of
from pilates.class_changes.reach import Target
from pilates.class_changes.schemas import Plan, PlannedSession
from pilates.class_series.following import follow
from pilates.class_sessions.cancelling import cancel_held
from pilates.class_sessions.changing import change_draft, check_capacity
from pilates.class_sessions.models import Status
from pilates.class_sessions.pivot import lock_people_of, pivot_all
from pilates.class_sessions.problems import StillSettling
from pilates.class_sessions.proposal import OfSeries, OfTemplate, Proposal
from pilates.class_sessions.proposing import propose_together
from pilates.copies.models import Business
from pilates.resources.reserving import release


@dataclass(frozen=True)
class Work:
    """What is to be done, all of it under the locks of its sessions."""

    business: Business
    targets: list[Target]
    actor: str
    notify: bool
    cancels: bool = False
    reason: str | None = None
    of_series: OfSeries | None = None
    of_template: OfTemplate | None = None
    refused: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    """By session: what was known before of its instructor."""

    def proposal(self, target: Target) -> Proposal:
        return Proposal(
            change=target.change,
            actor=self.actor,
            notify=self.notify,
            of_series=self.of_series,
            of_template=self.of_template,
        )


async def tried_out(session: AsyncSession, work: Work, now: datetime) -> Plan:
    """Leaves nothing behind, neither rows nor events; what was read of the sessions is stale."""
    planned = [before(target, cancels=work.cancels) for target in work.targets]
    announced: list[Event] = session.info.setdefault("announced", [])
    first = len(announced)
    attempt = await session.begin_nested()
    refused = work.refused | await do(session, work, now, as_if_held=True)
    events = announced[first:]
    del announced[first:]
    await attempt.rollback()
    for one in planned:
        one.conflict = refused.get(one.session_id)
    plan = plan_of(planned, events, work.business.currency)
    if plan.conflicts == 0:
        plan.token = token_of(plan, work)
    return plan


async def do(
    session: AsyncSession, work: Work, now: datetime, *, as_if_held: bool = False
) -> dict[UUID, dict[str, Any]]:
    """By session, why not; the others are changed, or wait for their instructors."""
    if work.cancels:
        await cancel_all(session, work, now)
        return {}
    refused: dict[UUID, Problem] = {}
    changing = []
    for target in work.targets:
        try:
            await check(session, target, now)
        except Problem as problem:
            refused[target.row.id] = problem
            continue
        if target.row.status == Status.DRAFT:
            await change_draft(session, target.row, target.change)
        elif target.change.model_fields_set:
            changing.append((target.row, work.proposal(target)))
    proposed = await propose_together(session, work.business, changing, uuid4(), now)
    if not any(row.settle_at for row, _ in changing):
        await follow(session, work.business.business_id, work.of_series, work.of_template, now)
    if as_if_held:
        held = [row for row, _ in changing if row.id not in proposed.refused and row.settle_at]
        await pivot_all(session, held, work.business, now)
    return {id_: problem.details() for id_, problem in (refused | proposed.refused).items()}


async def check(session: AsyncSession, target: Target, now: datetime) -> None:
    if target.row.proposed_version is not None:
        raise StillSettling
    if target.row.status == Status.PUBLISHED:
        await check_capacity(session, target.row, target.change, now)


async def cancel_all(session: AsyncSession, work: Work, now: datetime) -> None:
    rows = [target.row for target in work.targets]
    for row in rows:
        await release(session, row.business_id, row.id)
    await lock_people_of(session, rows)
    for row in rows:
        await cancel_held(
            session, row, work.business, work.reason, work.actor, now, notify=work.notify
        )


def before(target: Target, *, cancels: bool) -> PlannedSession:
    row, change = target.row, target.change.model_dump(mode="json", exclude_unset=True)
    change.pop("overridden", None)
    return PlannedSession(
        session_id=row.id,
        version=row.version,
        occurs_on=row.occurs_on,
        starts_at=row.starts_at,
        becomes=change,
        cancelled=cancels,
        keeps=target.keeps,
    )


def token_of(plan: Plan, work: Work) -> str:
    """The same as long as nothing in the plan is different, nor what is asked for."""
    also = [one.model_dump(mode="json") for one in (work.of_series, work.of_template) if one]
    asked = [work.cancels, work.reason, work.notify, *also]
    text = json.dumps([plan.model_dump(mode="json"), asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
