"""The first of three steps: things are held here, and what is to become of the session is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Problem
from pilates.attendances.session_changes import Consequences
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.pivot import pivot_all
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

Proposals = Sequence[tuple[ClassSession, Proposal]]


@dataclass(frozen=True)
class Proposed:
    """By session."""

    refused: dict[UUID, Problem] = field(default_factory=dict)
    settled: dict[UUID, Consequences] = field(default_factory=dict)
    """Those that have what they need already; the others wait for their instructors."""


async def propose(
    session: AsyncSession, business: Business, row: ClassSession, proposal: Proposal, now: datetime
) -> Consequences | None:
    """Of a session that is locked, or new. None: it is open until its instructor is held.

    Raises what the things say that it needs.
    """
    check_open(row, proposal, now)
    need = need_of(row, proposal.change, version_for(row, proposal))
    await lock_things(session, business.business_id, [need])
    await hold_things(session, row, proposal, need, now)
    note(row, proposal, need)
    settled = await settle_unless_open(session, business, [(row, proposal)], now)
    return settled.get(row.id)


async def propose_together(
    session: AsyncSession,
    business: Business,
    proposals: Proposals,
    proposal_id: UUID,
    now: datetime,
) -> Proposed:
    """As `propose`, all under one lock; what is refused is listed, and left as it was."""
    needs = [need_of(row, one.change, version_for(row, one)) for row, one in proposals]
    await lock_things(session, business.business_id, needs)
    refused: dict[UUID, Problem] = {}
    held: list[tuple[ClassSession, Proposal, Need]] = []
    for (row, proposal), need in zip(proposals, needs, strict=True):
        try:
            async with session.begin_nested():
                check_open(row, proposal, now)
                await hold_things(session, row, proposal, need, now)
        except Problem as problem:
            refused[need.owner_id] = problem
        else:
            held.append((row, proposal, need))
    for row, proposal, need in held:
        note(row, proposal, need)
        row.proposal_id = proposal_id
    together = [(row, proposal) for row, proposal, _ in held]
    return Proposed(refused, await settle_unless_open(session, business, together, now))


def check_open(row: ClassSession, proposal: Proposal, now: datetime) -> None:
    if row.proposed_version is not None:
        raise StillSettling
    if target(row, proposal.change, "ends_at") <= now:
        raise SessionOver


def version_for(row: ClassSession, proposal: Proposal) -> int:
    """What keeps its time and instructor keeps its hold: only things change hands, here."""
    same_person = target(row, proposal.change, "instructor_id") == row.instructor_id
    if row.hold_version and same_person and not needs_instructor(row, proposal.change):
        return row.hold_version
    return row.last_version + 1


async def hold_things(
    session: AsyncSession, row: ClassSession, proposal: Proposal, need: Need, now: datetime
) -> None:
    again = need.hold_version == row.hold_version
    if not again or proposal.change.model_fields_set & set(OF_A_HOLD):
        if again:
            await release(session, row.business_id, row.id, hold_version=need.hold_version)
        await reserve(session, row.business_id, need, now)


def note(row: ClassSession, proposal: Proposal, need: Need) -> None:
    row.last_version = max(row.last_version, need.hold_version)
    row.proposed_version = need.hold_version
    row.proposed = proposal.model_dump(mode="json", exclude_unset=True)
    row.refused = None


async def settle_unless_open(
    session: AsyncSession, business: Business, proposals: Proposals, now: datetime
) -> dict[UUID, Consequences]:
    """If one of them has to wait for its instructor, so have those that go with it."""
    rows = [row for row, _ in proposals]
    if not any(needs_instructor(row, proposal.change) for row, proposal in proposals):
        return await pivot_all(session, rows, business, now)
    for row in rows:
        row.settle_at = now + SETTLES_ITSELF_AFTER
        row.version += 1
        if row.status == Status.DRAFT:
            row.status = Status.PENDING
    await session.flush()
    return {}
