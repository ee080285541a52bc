"""A customer waits in the portal for a machine or a credit: how that ends is the answer.

Pilates is asked within the transaction, which has locked nothing by then; what it says is then
decided on in the same one.
"""

import asyncio
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.due_rows import Key
from chassis.requests import NoReply
from chassis.runtime import Runtime
from clients.answered_once import ask_anew
from contracts.client_requests import (
    BookAppointmentAsCustomer,
    BookingReply,
    SettleAppointmentAsCustomer,
)
from contracts.pilates import HoldForAppointment
from scheduling.appointments.announcing import snapshot
from scheduling.appointments.models import Appointment, Status
from scheduling.client_requests.own_appointment import check_own
from scheduling.copies.models import Business
from scheduling.things_needed.pivot import lock_proposed, show_pending
from scheduling.things_needed.proposal import proposal_of
from scheduling.things_needed.settling import conclude, read_open, why_not_held

WAITS_SECONDS = 0.5
"""Less than the portal does before it asks again."""


async def settle_booking(session: AsyncSession, asked: SettleAppointmentAsCustomer) -> BookingReply:
    key = (asked.business_id, asked.appointment_id)
    row = await session.get(Appointment, key)
    if row is None:
        return await gone(session, asked, None)
    check_own(row, asked)
    held = await read_open(key, session)
    if held is None or proposal_of(row).what != "booking":
        return await as_it_is(session, row)
    return await decided(session, asked, key, held)


async def decided(
    session: AsyncSession, asked: SettleAppointmentAsCustomer, key: Key, held: HoldForAppointment
) -> BookingReply:
    runtime: Runtime = session.info["runtime"]
    try:
        async with asyncio.timeout(WAITS_SECONDS):
            refused = await why_not_held(runtime, held)
    except (TimeoutError, NoReply):
        if asked.waits_no_longer:
            return await goes_on(session, asked, key)
        return await as_it_is_by_now(session, asked, key, None)
    settled = await conclude(runtime, key, held.hold_version, refused, False, session)  # noqa: FBT003
    if settled is None:
        return await as_it_is_by_now(session, asked, key, refused)
    if settled.problem:
        return await gone(session, asked, settled.problem)
    reply = await as_it_is(session, settled.appointment)
    pay_url = settled.links.pay_url if settled.links else None
    return reply.model_copy(update={"pay_url": pay_url})


async def as_it_is_by_now(
    session: AsyncSession,
    asked: SettleAppointmentAsCustomer,
    key: Key,
    refused: dict[str, Any] | None,
) -> BookingReply:
    row = await session.get(Appointment, key, populate_existing=True)
    return await as_it_is(session, row) if row else await gone(session, asked, refused)


async def goes_on(
    session: AsyncSession, asked: SettleAppointmentAsCustomer, key: Key
) -> BookingReply:
    """From here on the customer expects it: it does not vanish, but is cancelled with a reason."""
    open_ = await lock_proposed(session, key)
    if open_ is None:
        return await as_it_is_by_now(session, asked, key, None)
    row, now = open_.appointment, session.info["clock"]()
    await show_pending(session, open_, now)
    expected = open_.proposal.model_copy(update={"may_vanish": False})
    row.proposed = expected.model_dump(mode="json", exclude_defaults=True)
    row.settle_at = now
    return BookingReply(appointment=snapshot(row, open_.business), settling=True)


async def gone(
    session: AsyncSession, asked: SettleAppointmentAsCustomer, problem: dict[str, Any] | None
) -> BookingReply:
    await ask_anew(session, asked, BookAppointmentAsCustomer)
    return BookingReply(problem=problem)


async def as_it_is(session: AsyncSession, row: Appointment) -> BookingReply:
    if row.status == Status.CANCELLED and row.refused:
        return BookingReply(problem=row.refused)
    business = await session.get_one(Business, (row.business_id, row.business_id))
    return BookingReply(appointment=snapshot(row, business), settling=not row.is_settled)
