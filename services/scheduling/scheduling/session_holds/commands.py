"""A class session's instructor is held here for pilates, which decides about the session."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Problem, TryAgain
from contracts.scheduling import (
    HoldSessionTimes,
    SessionTime,
    SessionTimeRefused,
    SessionTimesHeld,
)
from scheduling.appointments.problems import OnTimeOff, SlotTaken
from scheduling.claims import commands as claims
from scheduling.claims.models import ClaimedFor
from scheduling.copies.models import Business, StaffMember
from scheduling.session_holds.models import SessionHold, State
from scheduling.session_holds.one_at_a_time import lock_sessions
from scheduling.session_holds.problems import HoldPassed, InstructorArchived
from scheduling.time_off import queries as time_off

ASKED_AFTER = timedelta(seconds=30)
"""A hold of which nothing more has been heard."""

Refused = dict[UUID, Problem]
Versions = Mapping[UUID, Mapping[int, State]]
"""By session, what has become of each of its holds."""


async def hold(session: AsyncSession, asked: HoldSessionTimes) -> SessionTimesHeld:
    """All that is possible of it, all or nothing, or nothing: as asked."""
    people = await lock_people(session, asked)
    versions = await versions_of(session, asked)
    off = await time_off_of(session, asked)
    refused: Refused = {}
    wanted = []
    for one in asked.sessions:
        try:
            if needs_claim(one, people, versions[one.session_id], off):
                wanted.append(one)
        except Problem as problem:
            refused[one.session_id] = problem
    attempt = await session.begin_nested()
    refused |= await claim_all(session, asked, wanted)
    if asked.dry_run or (asked.all_or_none and refused):
        await attempt.rollback()
    return SessionTimesHeld(
        refused=[
            SessionTimeRefused(session_id=session_id, problem=problem.details())
            for session_id, problem in refused.items()
        ]
    )


async def lock_people(session: AsyncSession, asked: HoldSessionTimes) -> dict[UUID, StaffMember]:
    """Those who are there. Of whom nothing was heard yet, nothing is known: ask again."""
    wanted = {one.staff_id for one in asked.sessions}
    people = await claims.lock_staff(session, asked.business_id, wanted)
    for staff_id in wanted - people.keys():
        if await session.get(StaffMember, (asked.business_id, staff_id)) is None:
            raise TryAgain
    return people


async def versions_of(session: AsyncSession, asked: HoldSessionTimes) -> Versions:
    await lock_sessions(session, {one.session_id for one in asked.sessions})
    rows = await session.execute(
        select(SessionHold.session_id, SessionHold.hold_version, SessionHold.state).where(
            SessionHold.business_id == asked.business_id,
            SessionHold.session_id.in_({one.session_id for one in asked.sessions}),
        )
    )
    found: dict[UUID, dict[int, State]] = defaultdict(dict)
    for session_id, version, state in rows:
        found[session_id][version] = State(state)
    return found


async def time_off_of(session: AsyncSession, asked: HoldSessionTimes) -> list[time_off.Occurrence]:
    """Of all of them, in one look."""
    business = await session.get(Business, (asked.business_id, asked.business_id))
    if business is None:
        raise TryAgain
    begins = min(one.starts_at for one in asked.sessions)
    ends = max(one.ends_at for one in asked.sessions)
    people = {one.staff_id for one in asked.sessions}
    return await time_off.between(session, business, begins, ends, people)


def needs_claim(
    one: SessionTime,
    people: Mapping[UUID, StaffMember],
    versions: Mapping[int, State],
    off: Iterable[time_off.Occurrence],
) -> bool:
    """Raises the reason why not. Hours bind nobody whom the studio sends to teach."""
    if versions.get(one.hold_version) in (State.HELD, State.STANDING):
        return False
    if one.hold_version <= max(versions, default=0):
        raise HoldPassed
    if one.staff_id not in people:
        raise InstructorArchived
    if any(is_off(one, absence) for absence in off):
        raise OnTimeOff
    return True


async def claim_all(
    session: AsyncSession, asked: HoldSessionTimes, wanted: Sequence[SessionTime]
) -> Refused:
    claimed = await claims.take_many(
        session, asked.at, [claim_of(asked.business_id, one) for one in wanted]
    )
    session.add_all(
        SessionHold(
            business_id=asked.business_id,
            id=claimed[one.session_id],
            session_id=one.session_id,
            hold_version=one.hold_version,
            state=State.HELD,
            ask_at=asked.at + ASKED_AFTER,
        )
        for one in wanted
        if one.session_id in claimed
    )
    await session.flush()
    return {one.session_id: SlotTaken() for one in wanted if one.session_id not in claimed}


def is_off(one: SessionTime, absence: time_off.Occurrence) -> bool:
    whose = absence.staff_id in (None, one.staff_id)
    return whose and absence.starts_at < one.ends_at and one.starts_at < absence.ends_at


def claim_of(business_id: UUID, one: SessionTime) -> dict[str, Any]:
    return {
        "business_id": business_id,
        "kind": ClaimedFor.SESSION,
        "owner_id": one.session_id,
        "staff_id": one.staff_id,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "during": Range(one.starts_at, one.ends_at, bounds="[)"),
        "expires_at": None,
    }


async def drop(session: AsyncSession, held: SessionHold) -> None:
    """It is not taken again: a late request for it is refused."""
    await claims.release(session, held.business_id, held.id)
    held.state, held.ask_at = State.RELEASED, None


def ask_later(held: SessionHold, now: datetime) -> None:
    held.ask_at = now + ASKED_AFTER
