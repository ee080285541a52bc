"""What a client books; who owns it decides."""

import asyncio
from datetime import datetime
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of
from chassis.problems import TryAgain
from chassis.runtime import Runtime
from contracts.client_requests import (
    BookAppointmentAsCustomer,
    BookingReply,
    BookPlaceAsCustomer,
    PlacesReply,
    SettleAppointmentAsCustomer,
)
from portal.apart import in_business_of
from portal.asking import OwnerRefused, ask_owner, request_id
from portal.bookings import queries
from portal.bookings.commands import change_places
from portal.bookings.keeping import keep, values_of_appointment
from portal.bookings.queries import Found
from portal.bookings.schemas import NewBooking
from portal.portal_sessions.queries import Client

PAUSE_SECONDS = 0.1
WAITS_SECONDS = 1.5
"""With the last time it asks, about as long as anybody waits for a booking of two owners."""


class AppointmentBooked(NamedTuple):
    found: Found
    settling: bool


async def book_place(
    runtime: Runtime, client: Client, wanted: NewBooking, idempotency_key: str | None
) -> PlacesReply:
    asked = BookPlaceAsCustomer(
        business_id=client.business_id,
        customer_id=client.id,
        request_id=request_id(client, idempotency_key),
        **wanted.model_dump(include={"session_id", "spot_id", "pay_with", "join_waitlist"}),
    )
    return await change_places(runtime, client, asked)


async def book_appointment(
    runtime: Runtime,
    client: Client,
    wanted: NewBooking,
    starts_at: datetime,
    idempotency_key: str | None,
) -> AppointmentBooked:
    """Raises TryAgain while it is unknown whether it is booked; an event will say so."""
    asked = BookAppointmentAsCustomer(
        business_id=client.business_id,
        customer_id=client.id,
        request_id=request_id(client, idempotency_key),
        starts_at=instant_of(starts_at, client.business.time_zone),
        **wanted.model_dump(include={"service_id", "staff_id", "pay_with", "answers"}),
    )
    reply = await ask_owner(runtime, asked, BookingReply)
    if reply.settling and reply.appointment:
        reply = await settled(runtime, asked, reply.appointment.id)
    if reply.problem:
        raise OwnerRefused(reply.problem)
    if reply.appointment is None:
        raise TryAgain("It was not booked; the same may be asked again.")
    return AppointmentBooked(await kept(runtime, client, reply), reply.settling)


async def settled(
    runtime: Runtime, asked: BookAppointmentAsCustomer, appointment_id: UUID
) -> BookingReply:
    """A machine or a credit that it needs is had, or not, or still being asked for."""
    settle = SettleAppointmentAsCustomer(
        business_id=asked.business_id,
        customer_id=asked.customer_id,
        request_id=asked.request_id,
        appointment_id=appointment_id,
    )
    begun = monotonic()
    while monotonic() - begun < WAITS_SECONDS:
        reply = await ask_owner(runtime, settle, BookingReply)
        if not reply.settling:
            return reply
        await asyncio.sleep(PAUSE_SECONDS)
    last = settle.model_copy(update={"waits_no_longer": True})
    return await ask_owner(runtime, last, BookingReply)


async def kept(runtime: Runtime, client: Client, reply: BookingReply) -> Found:
    appointment = reply.appointment
    assert appointment is not None, "nothing is kept of what is not booked"
    values = values_of_appointment(appointment) | {"pay_url": reply.pay_url}

    async def keep_reply(session: AsyncSession) -> Found:
        await keep(session, client.business_id, values, runtime.clock(), answered=True)
        return await queries.read(session, client, appointment.id)

    return await in_business_of(client, runtime, keep_reply)
