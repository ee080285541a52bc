"""What pilates, the portal and catalog say, as tests need it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.catalog import (
    Business,
    BusinessChanged,
    Customer,
    CustomerChanged,
    StaffMember,
    StaffMemberChanged,
)
from contracts.event import Event
from contracts.pilates import Attendance, ClassSession, CustomerPackage, WaitlistEntry
from notifications.mails import sample_bookings
from notifications.testing import Studio

EN = {"locale": "en-DE"}


def address() -> str:
    return f"{uuid4().hex}@example.com"


def class_session(**changed: Any) -> ClassSession:
    id_ = uuid4()
    starts_at = changed.get("starts_at", datetime.now(UTC) + timedelta(days=2))
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=50)}
    told = EN | times | {"id": id_, "uid": f"{id_}@bookly", "instructor_id": uuid4()}
    return sample_bookings.session(**told | changed)


def place(**changed: Any) -> Attendance:
    """Booked with a credit by a customer; `starts_at` and the like are its session's."""
    alike = set(Attendance.model_fields)
    own = set(changed) & set(ClassSession.model_fields) - alike
    of_session = {name: changed.pop(name) for name in own}
    session = changed.pop("session", None) or class_session(**of_session)
    id_, email = uuid4(), address()
    told = {
        "id": id_,
        "uid": f"{id_}@bookly",
        "session": session,
        "customer_id": uuid4(),
        "customer_email": email,
        "payer_email": email,
        "free_until": session.starts_at - timedelta(hours=12),
    }
    return sample_bookings.attendance(**told | changed)


def drop_in(**changed: Any) -> Attendance:
    paid = {"paid_with": "drop_in", "credits": 0, "package_id": None, "package_name": None}
    return place(**paid | {"price_cents": 2800, "payment_status": "paid"} | changed)


def waiter(**changed: Any) -> WaitlistEntry:
    told = {"id": uuid4(), "customer_id": uuid4(), "customer_email": address()}
    return sample_bookings.entry(**told | {"session": class_session()} | changed)


def package(**changed: Any) -> CustomerPackage:
    """Valid for some months from now, whenever that is."""
    valid = {"expires_on": (datetime.now(UTC) + timedelta(days=90)).date().isoformat()}
    told = EN | valid | {"id": uuid4(), "customer_id": uuid4(), "customer_email": address()}
    return sample_bookings.package(**told | changed)


def moved(before: Any, **changed: Any) -> Any:
    """The next version of a snapshot."""
    now = {"version": before.version + 1} | changed
    if hasattr(before, "sequence"):
        now.setdefault("sequence", before.sequence + 1)
    return type(before).model_validate(before.model_dump() | now)


async def tell(studio: Studio, event: type[Event], **what: Any) -> Any:
    at = what.pop("occurred_at", datetime.now(UTC))
    said = event(occurred_at=at, business_id=studio.business_id, **what)
    await studio.tell(said)
    return said


async def found(studio: Studio, **changed: Any) -> Business:
    told: dict[str, Any] = {
        "id": studio.business_id,
        "version": 1,
        "slug": "core",
        "name": "Core Berlin",
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "locale": "en-DE",
        "email": address(),
    }
    at = changed.pop("occurred_at", datetime.now(UTC))
    business = Business.model_validate(told | changed)
    await tell(studio, BusinessChanged, business=business, occurred_at=at)
    return business


async def hire(studio: Studio, **changed: Any) -> StaffMember:
    told: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "name": "Lena Vogt",
        "email": address(),
        "status": "active",
    }
    member = StaffMember.model_validate(told | changed)
    await tell(studio, StaffMemberChanged, staff_member=member)
    return member


async def know(studio: Studio, **changed: Any) -> Customer:
    told = {"id": uuid4(), "version": 1, "name": "Ana Silva", "email": address()}
    customer = Customer.model_validate(told | changed)
    await tell(studio, CustomerChanged, customer=customer)
    return customer
