"""Who books without being known becomes a customer."""

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
from contracts.scheduling import AppointmentEvent

EMAIL: TypeAdapter[str] = TypeAdapter(Email)


async def recognise_guest(session: AsyncSession, event: AppointmentEvent) -> None:
    """Scheduling links the booking to the customer by the e-mail that our event tells."""
    guest = event.appointment
    if guest.customer_id is not None or not is_email(guest.customer_email):
        return
    newcomer = insert(Customer).values(
        business_id=event.business_id,
        name=guest.customer_name,
        email=guest.customer_email,
        phone=await phone_of(session, event),
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


def is_email(text: str | None) -> bool:
    try:
        return bool(EMAIL.validate_python(text))
    except ValidationError:
        return False


async def phone_of(session: AsyncSession, event: AppointmentEvent) -> str | None:
    """A number that cannot be read is no reason to refuse a guest."""
    try:
        typed = event.appointment.customer_phone or ""
        return to_e164(typed, await region(session, event.business_id))
    except ValueError:
        return None
