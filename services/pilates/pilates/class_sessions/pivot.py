"""The last of three steps: everything is held, so from here on it is what was proposed."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import ClassSessionChanged, ClassSessionPublished
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
from pilates.resources.reserving import keep_only, release


async def pivot(
    session: AsyncSession, row: ClassSession, business: Business, now: datetime
) -> Consequences:
    """Under the lock of the session. Places go with it, and whoever listens hears of it."""
    proposal, version = proposal_of(row), row.proposed_version
    assert version is not None, "nothing was proposed"
    if row.hold_version not in (0, version):
        await keep_only(session, business.business_id, row.id, version)
    row.hold_version = version
    close(row)
    if row.status != Status.PUBLISHED:
        row.status, row.published_at = Status.PUBLISHED, now
        await session.flush()
        await announce(session, row, business, ClassSessionPublished, now)
        return Consequences()
    return await apply(session, row, business, proposal, now)


async def apply(
    session: AsyncSession,
    row: ClassSession,
    business: Business,
    proposal: Proposal,
    now: datetime,
) -> Consequences:
    values = proposal.change.values()
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    moved = bool(values.keys() & set(OF_A_CALENDAR))
    row.sequence += moved
    await session.flush()
    consequences = Consequences()
    if moved:
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
    elif values.keys() & {"capacity", "spot_kind"}:
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
