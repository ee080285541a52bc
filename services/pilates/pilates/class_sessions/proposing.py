"""The first of three steps: things are held here, and what is to become of the session is said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pilates.attendances.session_changes import Consequences
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.pivot import pivot
from pilates.class_sessions.problems import SessionOver, StillSettling
from pilates.class_sessions.proposal import (
    OF_A_HOLD,
    Proposal,
    need_of,
    needs_instructor,
    target,
)
from pilates.copies.models import Business
from pilates.resources.reserving import Need, lock_things, release, reserve

SETTLES_ITSELF_AFTER = timedelta(seconds=4)
"""Whoever proposed it settles it until then; after that the worker does."""


async def propose(
    session: AsyncSession,
    business: Business,
    row: ClassSession,
    proposal: Proposal,
    now: datetime,
) -> Consequences | None:
    """Of a session that is locked, or new. None: it is open until its instructor is held.

    Raises what the things say that it needs.
    """
    check_open(row, proposal, now)
    version = version_for(row, proposal)
    need = need_of(row, proposal.change, version)
    await lock_things(session, business.business_id, [need])
    return await hold_things(session, business, row, proposal, need, now)


async def propose_together(
    session: AsyncSession,
    business: Business,
    proposals: Sequence[tuple[ClassSession, Proposal]],
    proposal_id: UUID,
    now: datetime,
) -> list[Consequences | None]:
    """As `propose`, all of them under one lock."""
    for row, proposal in proposals:
        check_open(row, proposal, now)
    needs = [need_of(row, one.change, version_for(row, one)) for row, one in proposals]
    await lock_things(session, business.business_id, needs)
    done = []
    for (row, proposal), need in zip(proposals, needs, strict=True):
        row.proposal_id = proposal_id
        done.append(await hold_things(session, business, row, proposal, need, now))
    return done


def check_open(row: ClassSession, proposal: Proposal, now: datetime) -> None:
    if row.proposed_version is not None:
        raise StillSettling
    if target(row, proposal.change, "ends_at") <= now:
        raise SessionOver


def version_for(row: ClassSession, proposal: Proposal) -> int:
    """What keeps its instructor and time keeps their hold as well, and only things change hands."""
    keeps = row.hold_version and row.instructor_id and not needs_instructor(row, proposal.change)
    if keeps and target(row, proposal.change, "instructor_id"):
        return row.hold_version
    return row.last_version + 1


async def hold_things(
    session: AsyncSession,
    business: Business,
    row: ClassSession,
    proposal: Proposal,
    need: Need,
    now: datetime,
) -> Consequences | None:
    again = need.hold_version == row.hold_version
    if not again or proposal.change.model_fields_set & set(OF_A_HOLD):
        if again:
            await release(session, business.business_id, row.id, hold_version=need.hold_version)
        await reserve(session, business.business_id, need, now)
    row.last_version = max(row.last_version, need.hold_version)
    row.proposed_version = need.hold_version
    row.proposed = proposal.model_dump(mode="json", exclude_unset=True)
    row.refused = None
    if not needs_instructor(row, proposal.change):
        return await pivot(session, row, business, now)
    row.settle_at = now + SETTLES_ITSELF_AFTER
    row.version += 1
    if row.status == Status.DRAFT:
        row.status = Status.PENDING
    await session.flush()
    return None
