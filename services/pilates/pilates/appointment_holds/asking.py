"""A hold does not end by its own clock: at its deadline the appointment's owner is asked."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.requests import NoReply, ask
from chassis.runtime import Runtime
from contracts.scheduling import AppointmentHoldState, ReadAppointmentHold
from pilates.appointment_holds.commands import ASKED_AFTER, lock
from pilates.appointment_holds.models import AppointmentHold
from pilates.appointment_holds.standing import drop, stand


async def ask_about_appointment(runtime: Runtime, key: Key) -> None:
    business_id, appointment_id = key
    request = ReadAppointmentHold(business_id=business_id, appointment_id=appointment_id)
    asked = await in_transaction(runtime.sessions, partial(held_version, key))
    if asked is None:
        return
    try:
        known = await ask(runtime, request, AppointmentHoldState)
    except NoReply:
        known = None
    await in_transaction(runtime.sessions, partial(conclude, runtime, key, asked, known))


async def held_version(key: Key, session: AsyncSession) -> int | None:
    await enter_business(session, key[0])
    return (await lock(session, *key)).held_version


async def conclude(
    runtime: Runtime,
    key: Key,
    asked: int,
    known: AppointmentHoldState | None,
    session: AsyncSession,
) -> None:
    """Silence means "unknown", and what is being decided is not decided yet: ask again."""
    await enter_business(session, key[0])
    row, now = await lock(session, *key), runtime.clock()
    if row.held_version != asked:
        return
    if known is None or known.pending_version == asked:
        row.ask_at = now + ASKED_AFTER
    elif known.hold_version == asked:
        await stand(session, row, asked)
    else:
        await drop(session, row, now)


ask_about_appointments = Due(AppointmentHold.ask_at, ask_about_appointment)
