"""The last of three steps: everything is held, so from here on it is what was proposed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import ClassSessionChanged, ClassSessionPublished
from pilates.attendances.models import TAKEN, Attendance
from pilates.attendances.session_changes import (
    Consequences,
    Previously,
    change_with_session,
    spots_changed,
)
from pilates.class_sessions.announcing import announce
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.proposal import OF_A_CALENDAR, Proposal, proposal_of
from pilates.copies.models import Business
from pilates.customer_packages.paying import lock_packages
from pilates.resources.reserving import keep_only, release
from pilates.waitlist.models import QUEUED, WaitlistEntry


async def pivot_all(
    session: AsyncSession, rows: Sequence[ClassSession], business: Business, now: datetime
) -> dict[UUID, Consequences]:
    """Under the locks of the sessions. Places go with them, and whoever listens hears of it."""
    proposals = [(row, proposal_of(row)) for row in rows]
    # Flushed together, a hundred rows are one statement.
    with session.no_autoflush:
        for row in rows:
            await stand(session, row)
        peopled = await lock_people_of(session, [row for row in rows if row.published_at])
        for row, proposal in proposals:
            if row.id not in peopled:
                await become(session, row, business, proposal, now)
    await session.flush()
    done = {row.id: Consequences() for row in rows}
    for row, proposal in proposals:
        if row.id in peopled:
            done[row.id] = await apply(session, row, business, proposal, now)
    return done


async def stand(session: AsyncSession, row: ClassSession) -> None:
    """What was held for it is its own, and what it had before is free."""
    version = row.proposed_version
    assert version is not None, "nothing was proposed"
    if row.hold_version not in (0, version):
        await keep_only(session, row.business_id, row.id, version)
    row.hold_version = version
    close(row)


async def lock_people_of(session: AsyncSession, rows: Sequence[ClassSession]) -> set[UUID]:
    """The sessions that somebody has a place in, or waits for.

    Their packages are locked here, of all sessions at once: one after the other would break the
    order of locks.
    """
    if not rows:
        return set()
    business_id, ids = rows[0].business_id, [row.id for row in rows]
    places = select(Attendance.session_id, Attendance.payer_id).where(
        Attendance.business_id == business_id,
        Attendance.session_id.in_(ids),
        Attendance.status.in_(TAKEN),
    )
    queue = select(WaitlistEntry.session_id, WaitlistEntry.customer_id).where(
        WaitlistEntry.business_id == business_id,
        WaitlistEntry.session_id.in_(ids),
        WaitlistEntry.status.in_(QUEUED),
    )
    people = (await session.execute(union(places, queue))).all()
    if len(rows) > 1:
        await lock_packages(session, business_id, {customer_id for _, customer_id in people})
    return {session_id for session_id, _ in people}


async def become(
    session: AsyncSession,
    row: ClassSession,
    business: Business,
    proposal: Proposal,
    now: datetime,
) -> None:
    """Of a session that nobody is in."""
    if row.status == Status.PUBLISHED:
        before = take_over(row, proposal)
        await announce(session, row, business, ClassSessionChanged, now, **previously(before))
        return
    row.status, row.published_at = Status.PUBLISHED, now
    await announce(session, row, business, ClassSessionPublished, now)


def take_over(row: ClassSession, proposal: Proposal) -> dict[str, Any]:
    """How it was before, as far as it differs."""
    values = proposal.change.values()
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.sequence += bool(values.keys() & set(OF_A_CALENDAR))
    return before


async def apply(
    session: AsyncSession,
    row: ClassSession,
    business: Business,
    proposal: Proposal,
    now: datetime,
) -> Consequences:
    before = take_over(row, proposal)
    await session.flush()
    consequences = Consequences()
    if before.keys() & set(OF_A_CALENDAR):
        consequences = await change_with_session(
            session,
            row,
            business,
            Previously(
                before.get("starts_at"),
                before.get("ends_at"),
                before.get("instructor_name"),
                before.get("room_name"),
            ),
            proposal.actor,
            now,
            notify_customers=proposal.notify,
        )
    elif before.keys() & {"capacity", "spot_kind"}:
        consequences = await spots_changed(session, row, business, now)
    await announce(session, row, business, ClassSessionChanged, now, **previously(before))
    return consequences


def previously(before: dict[str, Any]) -> dict[str, Any]:
    """What the event says of before: only what has changed."""
    told = ("starts_at", "ends_at", "instructor_id", "instructor_name", "room_name")
    return {f"previous_{name}": before[name] for name in told if name in before}


async def refuse(
    session: AsyncSession, row: ClassSession, problem: dict[str, Any], *, late: bool
) -> None:
    """It is as it was before; late, somebody was told to expect it, so it says why not."""
    proposal, version = proposal_of(row), row.proposed_version
    await release(session, row.business_id, row.id, hold_version=version)
    close(row)
    row.refused = problem
    if row.status != Status.PENDING:
        return
    row.status = Status.DRAFT
    if proposal.fresh and not late:
        await session.delete(row)
    await session.flush()


def close(row: ClassSession) -> None:
    row.proposed = row.proposed_version = row.proposal_id = row.settle_at = None
    row.version += 1
