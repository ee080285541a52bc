"""What a client may choose from, as the owners offer it now."""

from typing import Any
from uuid import UUID

from chassis.problems import NotFound
from chassis.runtime import Runtime
from contracts.client_requests import (
    AppointmentSlots,
    ReadAppointmentSlots,
    ReadServicesForCustomer,
    ReadServiceSlots,
    ReadSessionsForCustomer,
    ServicesForCustomer,
    SessionsForCustomer,
)
from portal.asking import ask_owner
from portal.bookings.commands import look_up
from portal.bookings.schemas import (
    Classes,
    ClassRange,
    OpenSlots,
    Services,
    Slot,
    SlotRange,
    Slots,
    Staff,
)
from portal.portal_sessions.queries import Client


async def slots_of(runtime: Runtime, client: Client, booking_id: UUID, wanted: SlotRange) -> Slots:
    booking, _ = await look_up(runtime, client, booking_id)
    if booking.kind != "appointment":
        raise NotFound
    zone = client.business.time_zone
    begins, ends = wanted.in_zone(zone)
    asked = ReadAppointmentSlots(
        business_id=client.business_id,
        customer_id=client.id,
        appointment_id=booking.id,
        begins=begins,
        ends=ends,
        staff_id=wanted.staff_id,
    )
    told = await ask_owner(runtime, asked, AppointmentSlots)
    return Slots(booking_id=booking.id, **shown(told, zone))


async def slots_of_service(
    runtime: Runtime, client: Client, service_id: UUID, wanted: SlotRange
) -> OpenSlots:
    zone = client.business.time_zone
    begins, ends = wanted.in_zone(zone)
    asked = ReadServiceSlots(
        business_id=client.business_id,
        customer_id=client.id,
        service_id=service_id,
        begins=begins,
        ends=ends,
        staff_id=wanted.staff_id,
    )
    return OpenSlots(**shown(await ask_owner(runtime, asked, AppointmentSlots), zone))


def shown(told: AppointmentSlots, zone: str) -> dict[str, Any]:
    return {
        "time_zone": zone,
        "lasts_minutes": told.lasts_minutes,
        "staff": [Staff.model_validate(person) for person in told.staff],
        "slots": [Slot(starts_at=one.starts_at, staff_ids=one.staff_ids) for one in told.slots],
        "more_from": told.more_from,
    }


async def services(runtime: Runtime, client: Client) -> Services:
    asked = ReadServicesForCustomer(business_id=client.business_id, customer_id=client.id)
    told = await ask_owner(runtime, asked, ServicesForCustomer)
    return Services(time_zone=client.business.time_zone, services=told.services)


async def classes(runtime: Runtime, client: Client, wanted: ClassRange) -> Classes:
    zone = client.business.time_zone
    begins, ends = wanted.in_zone(zone)
    asked = ReadSessionsForCustomer(
        business_id=client.business_id,
        customer_id=client.id,
        begins=begins,
        ends=ends,
        session_id=wanted.session_id,
    )
    told = await ask_owner(runtime, asked, SessionsForCustomer)
    return Classes(time_zone=zone, sessions=told.sessions, more_from=told.more_from)
