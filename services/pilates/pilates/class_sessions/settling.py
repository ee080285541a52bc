"""The second step and what follows from it: the instructor is asked for, then all or nothing.

Idempotent: whoever proposed calls it at once, and the worker calls it until it is settled.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import failpoints
from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.requests import NoReply, ask
from chassis.runtime import Runtime
from contracts.scheduling import HoldSessionTimes, SessionTime, SessionTimesHeld
from pilates.attendances.session_changes import Consequences
from pilates.class_series.following import follow
from pilates.class_series.models import ClassSeries
from pilates.class_sessions.models import ClassSession
from pilates.class_sessions.pivot import pivot_all, refuse
from pilates.class_sessions.problems import InstructorNotFree
from pilates.class_sessions.proposal import needs_instructor, proposal_of, target
from pilates.copies.models import Business

ASK_AGAIN_AFTER = timedelta(seconds=5)


@dataclass(frozen=True)
class Open:
    """What is being asked for: all that was proposed together."""

    versions: dict[UUID, int]
    """By session."""
    times: list[SessionTime] = field(default_factory=list)
    all_or_none: bool = True


@dataclass(frozen=True)
class Ended:
    settled: dict[UUID, Consequences]
    refused: dict[UUID, dict[str, Any]]
    """By session, the problem of its instructor."""


async def settle(runtime: Runtime, key: Key, *, late: bool = False) -> Ended | None:
    """None: there is nothing open any more. Raises NoReply as long as it is unknown."""
    open_ = await in_transaction(runtime.sessions, partial(read_open, key))
    if open_ is None:
        return None
    await failpoints.reach("before-session-hold")
    refused = await hold_instructors(runtime, key[0], open_, runtime.clock())
    await failpoints.reach("after-session-hold")
    work = partial(conclude, key[0], open_, refused, runtime.clock(), late)
    return await in_transaction(runtime.sessions, work)


WAITS_SECONDS = 2.3
"""Less than the caller: what is as if it had never been has to be answered so."""


async def settle_at_once(runtime: Runtime, key: Key) -> Ended | None:
    """For somebody who waits."""
    async with asyncio.timeout(WAITS_SECONDS):
        return await settle(runtime, key)


async def read_open(key: Key, session: AsyncSession) -> Open | None:
    business_id, session_id = key
    await enter_business(session, business_id)
    named = await session.get(ClassSession, key)
    if named is None or named.proposed_version is None:
        return None
    together = ClassSession.id == session_id
    if named.proposal_id:
        together = or_(together, ClassSession.proposal_id == named.proposal_id)
    found = await session.scalars(
        select(ClassSession).where(
            ClassSession.business_id == business_id,
            ClassSession.proposed_version.is_not(None),
            together,
        )
    )
    rows = sorted(
        found, key=lambda row: (target(row, proposal_of(row).change, "starts_at"), row.id)
    )
    return Open(
        {row.id: row.proposed_version for row in rows if row.proposed_version},
        [time_of(row) for row in rows if needs_instructor(row, proposal_of(row).change)],
        all_or_none=not all(proposal_of(row).may_be_skipped for row in rows),
    )


def time_of(row: ClassSession) -> SessionTime:
    change = proposal_of(row).change
    return SessionTime(
        session_id=row.id,
        hold_version=row.proposed_version or 0,
        staff_id=target(row, change, "instructor_id"),
        starts_at=target(row, change, "starts_at"),
        ends_at=target(row, change, "ends_at"),
    )


async def hold_instructors(
    runtime: Runtime, business_id: UUID, open_: Open, now: datetime
) -> dict[UUID, dict[str, Any]]:
    """By session, why not; raises NoReply where it is not known."""
    if not open_.times:
        return {}
    request = HoldSessionTimes(
        business_id=business_id, sessions=open_.times, at=now, all_or_none=open_.all_or_none
    )
    answered = await ask(runtime, request, SessionTimesHeld)
    return {one.session_id: one.problem for one in answered.refused}


async def conclude(
    business_id: UUID,
    open_: Open,
    refused: dict[UUID, dict[str, Any]],
    now: datetime,
    late: bool,  # noqa: FBT001
    session: AsyncSession,
) -> Ended:
    """What was cancelled or settled meanwhile stays as it is."""
    await enter_business(session, business_id)
    business = await session.get_one(Business, business_id)
    rows = await lock_open(session, business_id, open_)
    refusing = rows if refused and open_.all_or_none else [r for r in rows if r.id in refused]
    problems = {row.id: because(refused.get(row.id)).details() for row in refusing}
    series_ids = {row.series_id for row in refusing if row.series_id}
    for row in refusing:
        await refuse(session, row, problems[row.id], late=late)
    await forget_empty(session, business_id, series_ids)
    standing = [row for row in rows if row.id not in problems]
    proposals = [proposal_of(row) for row in standing]
    settled = await pivot_all(session, standing, business, now)
    for proposal in proposals[:1]:
        await follow(session, business_id, proposal.of_series, proposal.of_template, now)
    return Ended(settled, problems)


async def forget_empty(
    session: AsyncSession, business_id: UUID, series_ids: Collection[UUID]
) -> None:
    """Series of which nothing could be published, so that they are as if they had never been."""
    for series_id in series_ids:
        left = select(ClassSession.id).where(
            ClassSession.business_id == business_id, ClassSession.series_id == series_id
        )
        if await session.scalar(left.limit(1)) is None:
            await session.delete(await session.get_one(ClassSeries, (business_id, series_id)))
            await session.flush()


def because(reason: dict[str, Any] | None) -> InstructorNotFree:
    """Absent: it could have been had, but not all that belongs to it."""
    return InstructorNotFree(reason=reason) if reason else InstructorNotFree()


async def lock_open(session: AsyncSession, business_id: UUID, open_: Open) -> list[ClassSession]:
    found = await session.scalars(
        select(ClassSession)
        .where(ClassSession.business_id == business_id, ClassSession.id.in_(open_.versions))
        .order_by(ClassSession.id)
        .with_for_update(key_share=True)
    )
    return [row for row in found if row.proposed_version == open_.versions[row.id]]


async def settle_session(runtime: Runtime, key: Key) -> None:
    try:
        await settle(runtime, key, late=True)
    except NoReply:
        later = runtime.clock() + ASK_AGAIN_AFTER
        await in_transaction(runtime.sessions, partial(look_again, key, later))


async def look_again(key: Key, later: datetime, session: AsyncSession) -> None:
    open_ = await read_open(key, session)
    if open_:
        for row in await lock_open(session, key[0], open_):
            row.settle_at = later


settle_sessions = Due(ClassSession.settle_at, settle_session)
