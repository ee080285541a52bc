"""A hold does not end by its own clock: at its deadline the session's owner is asked."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.requests import NoReply, ask
from chassis.runtime import Runtime
from contracts.pilates import ReadSessionHold, SessionHoldState
from scheduling.session_holds.commands import ask_later, drop
from scheduling.session_holds.models import SessionHold, State


async def ask_about_hold(runtime: Runtime, key: Key) -> None:
    held = await in_transaction(runtime.sessions, partial(read_open, key))
    if held is None:
        return
    business_id, session_id = held.business_id, held.session_id
    request = ReadSessionHold(business_id=business_id, session_id=session_id)
    try:
        known = await ask(runtime, request, SessionHoldState)
    except NoReply:
        known = None
    await in_transaction(runtime.sessions, partial(conclude, runtime, key, known))


async def read_open(key: Key, session: AsyncSession) -> SessionHold | None:
    await enter_business(session, key[0])
    held = await session.get(SessionHold, key, with_for_update=True)
    return held if held and held.state == State.HELD else None


async def conclude(
    runtime: Runtime, key: Key, known: SessionHoldState | None, session: AsyncSession
) -> None:
    """Silence means "unknown", and what is being decided is not decided yet: ask again."""
    held = await read_open(key, session)
    if held is None:
        return
    if known is None or held.hold_version == known.pending_version:
        ask_later(held, runtime.clock())
    elif held.hold_version == known.hold_version:
        held.state, held.ask_at = State.STANDING, None
    else:
        await drop(session, held)


ask_about_holds = Due(SessionHold.ask_at, ask_about_hold)
