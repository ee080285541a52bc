"""The second step and what follows from it: machine and credit are asked for, then all or nothing.

Idempotent: whoever proposed calls it at once, and the worker calls it until it is settled.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import failpoints
from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.requests import NoReply, Refused, ask
from chassis.runtime import Runtime
from contracts.pilates import AppointmentHeld, HoldForAppointment
from scheduling.appointments.models import Appointment
from scheduling.appointments.problems import IllegalTransition
from scheduling.things_needed.pivot import Settled, lock_proposed, pivot, refuse, show_pending
from scheduling.things_needed.problems import NotHeld
from scheduling.things_needed.proposal import proposal_of

ASK_AGAIN_AFTER = timedelta(seconds=5)


async def settle(runtime: Runtime, key: Key, *, late: bool = False) -> Settled | None:
    """None: there is nothing open any more. Raises NoReply as long as it is unknown.

    Late, whoever asked for it has been told that it is going to be settled.
    """
    request = await in_transaction(runtime.sessions, partial(read_open, key))
    if request is None:
        return None
    await failpoints.reach("before-appointment-hold")
    refused = await why_not_held(runtime, request)
    await failpoints.reach("after-appointment-hold")
    work = partial(conclude, runtime, key, request.hold_version, refused, late)
    return await in_transaction(runtime.sessions, work)


async def read_open(key: Key, session: AsyncSession) -> HoldForAppointment | None:
    await enter_business(session, key[0])
    row = await session.get(Appointment, key)
    if row is None or row.proposed_version is None:
        return None
    place = proposal_of(row).whereto or row
    return HoldForAppointment(
        business_id=row.business_id,
        appointment_id=row.id,
        hold_version=row.proposed_version,
        customer_id=row.customer_id,
        service_id=row.service_id,
        service_name=row.service_name,
        resource_kinds=row.resource_kinds,
        credit_cost=row.credits,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
    )


async def why_not_held(runtime: Runtime, request: HoldForAppointment) -> dict[str, Any] | None:
    """None: it is held. Raises NoReply where that is not known."""
    try:
        await ask(runtime, request, AppointmentHeld)
    except Refused as refused:
        return NotHeld(reason=refused.details).details()
    return None


async def conclude(
    runtime: Runtime,
    key: Key,
    version: int,
    refused: dict[str, Any] | None,
    late: bool,  # noqa: FBT001
    session: AsyncSession,
) -> Settled | None:
    """What was cancelled or settled meanwhile stays as it is."""
    open_ = await lock_proposed(session, key, version)
    if open_ is None:
        return None
    now, pay_by = runtime.clock(), open_.appointment.pay_by
    if pay_by is not None and now >= pay_by:
        refused = IllegalTransition("Its deposit was not paid in time.").details()
    if refused:
        return await refuse(session, open_, refused, now, late=late)
    return await pivot(session, runtime, open_, now)


async def settle_appointment(runtime: Runtime, key: Key) -> None:
    try:
        await settle(runtime, key, late=True)
    except NoReply:
        await in_transaction(runtime.sessions, partial(look_again, runtime, key))


async def look_again(runtime: Runtime, key: Key, session: AsyncSession) -> None:
    open_ = await lock_proposed(session, key)
    if open_:
        now = runtime.clock()
        open_.appointment.settle_at = now + ASK_AGAIN_AFTER
        await show_pending(session, open_, now)


settle_appointments = Due(Appointment.settle_at, settle_appointment)
