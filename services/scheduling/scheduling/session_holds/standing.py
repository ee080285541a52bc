"""What pilates tells of a session decides which of its holds stands."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import ClassSessionCancelled, ClassSessionEvent
from scheduling.session_holds.commands import drop
from scheduling.session_holds.models import SessionHold, State
from scheduling.session_holds.one_at_a_time import lock_sessions

LAST = 2**31 - 1
"""No version comes after it."""


async def keep_standing(session: AsyncSession, event: ClassSessionEvent) -> None:
    """Whatever its version was before is free from now on."""
    told = event.session
    await lock_sessions(session, [told.id])
    await mark(session, event.business_id, told.id, told.hold_version, State.STANDING)
    for held in await holds_of(session, event.business_id, told.id):
        if held.hold_version < told.hold_version:
            await drop(session, held)
        elif held.hold_version == told.hold_version and held.state == State.HELD:
            held.state, held.ask_at = State.STANDING, None


async def release_session(session: AsyncSession, event: ClassSessionCancelled) -> None:
    await lock_sessions(session, [event.session.id])
    await mark(session, event.business_id, event.session.id, LAST, State.RELEASED)
    for held in await holds_of(session, event.business_id, event.session.id):
        await drop(session, held)


async def mark(
    session: AsyncSession, business_id: UUID, session_id: UUID, version: int, state: State
) -> None:
    """Where there is no such hold, as of a session without instructor, this keeps its place: of
    what comes before it nothing can be held any more.
    """
    place = {"business_id": business_id, "session_id": session_id, "hold_version": version}
    await session.execute(
        insert(SessionHold).values(place | {"state": state}).on_conflict_do_nothing()
    )


async def holds_of(session: AsyncSession, business_id: UUID, session_id: UUID) -> list[SessionHold]:
    found = await session.scalars(
        select(SessionHold)
        .where(
            SessionHold.business_id == business_id,
            SessionHold.session_id == session_id,
            SessionHold.state != State.RELEASED,
        )
        .order_by(SessionHold.hold_version)
        .with_for_update()
    )
    return list(found)
