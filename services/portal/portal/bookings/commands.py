from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of
from chassis.problems import InvalidRequest
from chassis.runtime import Runtime
from contracts.client_requests import (
    AppointmentReply,
    CancelAppointmentAsCustomer,
    CancelPlaceAsCustomer,
    MovePlaceAsCustomer,
    PlacesReply,
    RescheduleAppointmentAsCustomer,
)
from contracts.request import Request
from portal.apart import in_business_of
from portal.asking import ask_owner, request_id
from portal.bookings import queries
from portal.bookings.keeping import keep, keep_wish, values_of_appointment, values_of_place
from portal.bookings.queries import Found
from portal.bookings.schemas import Cancellation, Move
from portal.portal_sessions.queries import Client
from portal.waitlist.keeping import keep_entry


async def look_up(runtime: Runtime, client: Client, booking_id: UUID) -> Found:
    async def look(session: AsyncSession) -> Found:
        return await queries.read(session, client, booking_id)

    return await in_business_of(client, runtime, look)


async def cancel(
    runtime: Runtime,
    client: Client,
    booking_id: UUID,
    wanted: Cancellation,
    seen: int,
    idempotency_key: str | None,
) -> Found:
    """Its owner decides, by its own clock, and says in its reply what has become of it."""
    booking, _ = await look_up(runtime, client, booking_id)
    said: dict[str, Any] = {
        "business_id": client.business_id,
        "customer_id": client.id,
        "request_id": request_id(client, idempotency_key),
        "version_seen": seen,
        "reason": wanted.reason,
    }
    if booking.kind == "appointment":
        if wanted.whole_party:
            raise InvalidRequest("An appointment has no party.")
        return await change_appointment(
            runtime, client, CancelAppointmentAsCustomer(appointment_id=booking.id, **said)
        )
    said |= {"attendance_id": booking.id, "whole_party": wanted.whole_party}
    await change_places(runtime, client, CancelPlaceAsCustomer(**said))
    return await look_up(runtime, client, booking_id)


async def move(
    runtime: Runtime,
    client: Client,
    booking_id: UUID,
    wanted: Move,
    seen: int,
    idempotency_key: str | None,
) -> Found:
    booking, _ = await look_up(runtime, client, booking_id)
    said: dict[str, Any] = {
        "business_id": client.business_id,
        "customer_id": client.id,
        "request_id": request_id(client, idempotency_key),
        "version_seen": seen,
    }
    if booking.kind == "appointment":
        if wanted.starts_at is None or wanted.session_id or wanted.spot_id:
            raise InvalidRequest("An appointment is moved to a `starts_at`.")
        starts_at = instant_of(wanted.starts_at, client.business.time_zone)
        said |= {"starts_at": starts_at, "staff_id": wanted.staff_id}
        return await change_appointment(
            runtime, client, RescheduleAppointmentAsCustomer(appointment_id=booking.id, **said)
        )
    if wanted.session_id is None or wanted.starts_at or wanted.staff_id:
        raise InvalidRequest("A place is moved to another `session_id`.")
    said |= {"session_id": wanted.session_id, "spot_id": wanted.spot_id}
    await change_places(runtime, client, MovePlaceAsCustomer(attendance_id=booking.id, **said))
    return await look_up(runtime, client, booking_id)


async def change_appointment(
    runtime: Runtime,
    client: Client,
    asked: CancelAppointmentAsCustomer | RescheduleAppointmentAsCustomer,
) -> Found:
    """A move that needs a machine or a credit may be decided later; then the wish is kept."""
    reply = await ask_owner(runtime, asked, AppointmentReply)

    async def keep_reply(session: AsyncSession) -> Found:
        if reply.settling and isinstance(asked, RescheduleAppointmentAsCustomer):
            told, wanted = reply.appointment, asked.starts_at
            await keep_wish(session, client.business_id, told, wanted)
            return await queries.read(session, client, reply.appointment.id)
        values = values_of_appointment(reply.appointment)
        await keep(session, client.business_id, values, runtime.clock(), answered=True)
        return await queries.read(session, client, reply.appointment.id)

    return await in_business_of(client, runtime, keep_reply)


async def change_places(runtime: Runtime, client: Client, asked: Request) -> PlacesReply:
    """Whoever asks again reads what has been done, without waiting for its event."""
    reply = await ask_owner(runtime, asked, PlacesReply)

    async def keep_reply(session: AsyncSession) -> None:
        for number, attendance in enumerate(reply.attendances):
            values = values_of_place(attendance)
            if number == 0:
                # The first of them pays for all.
                values |= {"pay_url": reply.pay_url, "pay_cents": reply.pay_cents}
            await keep(session, client.business_id, values, runtime.clock(), answered=True)
        if reply.entry is not None:
            await keep_entry(session, client.business_id, reply.entry)

    await in_business_of(client, runtime, keep_reply)
    return reply


async def look_up_all(runtime: Runtime, client: Client, booking_ids: Sequence[UUID]) -> list[Found]:
    async def look(session: AsyncSession) -> list[Found]:
        return [await queries.read(session, client, id_) for id_ in booking_ids]

    return await in_business_of(client, runtime, look)
