"""Before anything is held: whose instructors would not be free?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.requests import ask
from chassis.runtime import Runtime
from contracts.scheduling import HoldSessionTimes, SessionTime, SessionTimesHeld
from pilates.class_sessions.models import ClassSession
from pilates.class_sessions.proposal import Proposal, needs_instructor, target
from pilates.class_sessions.settling import because


async def who_is_not_free(
    runtime: Runtime, rows: Sequence[ClassSession], proposals: Sequence[Proposal], now: datetime
) -> dict[UUID, dict[str, Any]]:
    """By session, the problem. Ask before anything is locked; raises NoReply."""
    times = [
        SessionTime(
            session_id=row.id,
            hold_version=row.last_version + 1,
            staff_id=target(row, proposal.change, "instructor_id"),
            starts_at=target(row, proposal.change, "starts_at"),
            ends_at=target(row, proposal.change, "ends_at"),
        )
        for row, proposal in zip(rows, proposals, strict=True)
        if needs_instructor(row, proposal.change)
    ]
    if not times:
        return {}
    request = HoldSessionTimes(
        business_id=rows[0].business_id, sessions=times, at=now, dry_run=True
    )
    answered = await ask(runtime, request, SessionTimesHeld)
    return {one.session_id: because(one.problem).details() for one in answered.refused}
