"""What scheduling tells of an appointment decides which of its holds stands, and what of its
credit comes back.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.scheduling import AppointmentCancelled, AppointmentEvent, AppointmentMissed
from pilates.appointment_holds.commands import lock
from pilates.appointment_holds.models import AppointmentHold
from pilates.appointment_holds.paying import forfeit, give_back, is_forfeited
from pilates.resources.reserving import release


async def keep_standing(session: AsyncSession, event: AppointmentEvent) -> None:
    """Whatever its version was before is free from now on."""
    if row := await lock_if_newer(session, event):
        await stand(session, row, event.appointment.hold_version)


async def release_appointment(session: AsyncSession, event: AppointmentCancelled) -> None:
    """The studio always gives the credit back, and so does what never stood for certain; the
    customer gets it back if that was in time.
    """
    row = await lock_if_newer(session, event)
    if row is None:
        return
    last, now = event.appointment.hold_version, event.occurred_at
    await release_until(session, row, last)
    row.standing_version = 0
    if row.debit_version > last:
        return
    if event.late:
        await forfeit(session, row, reason=event.reason, now=now)
    else:
        by_studio = event.cancelled_by == "business" or not event.was_confirmed
        await give_back(session, row, by_studio=by_studio, reason=event.reason, now=now)


async def forfeit_missed(session: AsyncSession, event: AppointmentMissed) -> None:
    """The credit stays the studio's, and the machine is somebody else's for the rest of it."""
    row = await lock_if_newer(session, event)
    if row is None:
        return
    await stand(session, row, event.appointment.hold_version)
    await release_until(session, row, event.appointment.hold_version)
    if row.debit_version <= event.appointment.hold_version:
        await forfeit(session, row, reason=None, now=event.occurred_at)


async def lock_if_newer(session: AsyncSession, event: AppointmentEvent) -> AppointmentHold | None:
    """None: it has nothing here, or a later event of it has been heard before."""
    told = event.appointment
    if told.hold_version == 0:
        return None
    row = await lock(session, event.business_id, told.id)
    if told.version <= row.heard_version:
        return None
    row.heard_version = told.version
    return row


async def stand(session: AsyncSession, row: AppointmentHold, version: int) -> None:
    """A later one may be held already: that is decided by a later event."""
    for other in row.versions:
        if other < version:
            await release(session, row.business_id, row.id, hold_version=other)
    if row.held_version is not None and row.held_version <= version:
        row.let_go_of_held()
    row.standing_version = version
    row.over_version = max(row.over_version, version)


async def release_until(session: AsyncSession, row: AppointmentHold, last: int) -> None:
    """What is held later is the beginning of another life of it."""
    for version in row.versions:
        if version <= last:
            await release(session, row.business_id, row.id, hold_version=version)
    if row.held_version is not None and row.held_version <= last:
        row.let_go_of_held()
    row.over_version = max(row.over_version, last)


async def drop(session: AsyncSession, row: AppointmentHold, now: datetime) -> None:
    """Nobody has ever decided for it. It is not held again: a late request for it is refused."""
    version = row.held_version
    assert version is not None, "there is something to drop"
    await release(session, row.business_id, row.id, hold_version=version)
    row.let_go_of_held()
    if row.debit_version != version:
        return
    if row.standing_version:
        row.debit_version = row.standing_version
    elif not await is_forfeited(session, row):
        await give_back(session, row, by_studio=True, reason=None, now=now)
