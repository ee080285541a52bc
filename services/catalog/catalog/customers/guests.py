"""Who books without being known becomes a customer."""

from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.businesses.queries import region
from catalog.customers.models import PRESENT, Customer
from catalog.customers.phone import to_e164
from catalog.customers.schemas import ContactPreferences
from catalog.email_address import Email
from chassis.outbox import publish_on_commit
from contracts.moments import time_zones
from contracts.pilates import Attendance, PlaceEvent, WaitlistEntry, WaitlistEvent
from contracts.scheduling import Appointment, AppointmentEvent

EMAIL: TypeAdapter[str] = TypeAdapter(Email)


async def recognise_guest(
    session: AsyncSession, event: AppointmentEvent | PlaceEvent | WaitlistEvent
) -> None:
    """Who tells it links the booking to the customer by the e-mail that our event tells."""
    guest = booked_by(event)
    if guest.customer_id is not None or not is_email(guest.customer_email):
        return
    newcomer = insert(Customer).values(
        business_id=event.business_id,
        name=guest.customer_name,
        email=guest.customer_email,
        phone=await phone_of(session, event.business_id, guest),
        time_zone=zone_of(guest),
        contact_preferences=ContactPreferences().model_dump(),
        tags=[],
    )
    await session.execute(
        newcomer.on_conflict_do_nothing(
            index_elements=["business_id", "email"], index_where=PRESENT
        )
    )
    customer = await session.scalar(
        select(Customer).where(
            Customer.business_id == event.business_id,
            Customer.email == guest.customer_email,
            Customer.archived_at.is_(None),
        )
    )
    assert customer is not None
    publish_on_commit(session, customer.changed(event.occurred_at))


def booked_by(
    event: AppointmentEvent | PlaceEvent | WaitlistEvent,
) -> Appointment | Attendance | WaitlistEntry:
    match event:
        case AppointmentEvent():
            return event.appointment
        case PlaceEvent():
            return event.attendance
        case WaitlistEvent():
            return event.entry


def is_email(text: str | None) -> bool:
    try:
        return bool(EMAIL.validate_python(text))
    except ValidationError:
        return False


def zone_of(guest: Appointment | Attendance | WaitlistEntry) -> str | None:
    """Of a newcomer alone: whoever types a known address does not move its owner."""
    said = guest.customer_time_zone
    return said if said in time_zones() else None


async def phone_of(
    session: AsyncSession, business_id: UUID, guest: Appointment | Attendance | WaitlistEntry
) -> str | None:
    """A number that cannot be read is no reason to refuse a guest."""
    typed = None if isinstance(guest, WaitlistEntry) else guest.customer_phone
    try:
        return to_e164(typed or "", await region(session, business_id))
    except ValueError:
        return None
