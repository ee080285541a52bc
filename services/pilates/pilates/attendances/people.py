"""Whom a place is for, and by what a person is known who may not be in two places at once."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.runtime import Runtime
from pilates.attendances.schemas import Companion, Guest
from pilates.copies.models import Customer
from pilates.copies.queries import customer_with_email, known


@dataclass(frozen=True)
class Person:
    id: UUID | None
    name: str
    email: str | None
    phone: str | None
    time_zone: str | None = None
    """Where a guest is, if the page has said."""

    def key(self, nobody_else: UUID) -> str:
        """Of somebody's nameless company nothing is known but the row itself."""
        if self.id:
            return str(self.id)
        return self.email.casefold() if self.email else str(nobody_else)


def company_of(person: Person) -> Person:
    return Person(None, f"{person.name} +1", None, None)


def person_of(customer: Customer) -> Person:
    return Person(customer.id, customer.name, customer.email, customer.phone)


async def person_named(
    session: AsyncSession,
    runtime: Runtime,
    business_id: UUID,
    customer_id: UUID | None,
    guest: Guest | Companion | None,
) -> Person:
    """A customer, or a guest, who is recognised as one by the e-mail; the typed name stays."""
    if customer_id is not None:
        return person_of(await known(session, runtime, Customer, business_id, customer_id))
    assert guest is not None
    if guest.email is None:
        return Person(None, guest.name or "", None, None)
    customer = await customer_with_email(session, business_id, guest.email)
    time_zone = guest.time_zone if isinstance(guest, Guest) else None
    id_ = customer.id if customer else None
    return Person(id_, guest.name or "", guest.email, guest.phone, time_zone)


def new_row_id() -> UUID:
    """Known before the row is there, since a nameless person is known by it."""
    return uuid4()
