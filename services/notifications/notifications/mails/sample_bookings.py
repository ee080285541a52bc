"""A studio, its clients and what they book, as samples of mails have them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.pilates import Attendance, ClassSession, CustomerPackage, WaitlistEntry
from contracts.receipts import Receipt
from contracts.scheduling import Appointment

BUSINESS = UUID("0b0c0d00-0000-4000-8000-000000000001")
SOMEBODY = UUID("0b0c0d00-0000-4000-8000-000000000002")
BOOKING = UUID("0b0c0d00-0000-4000-8000-000000000003")
BOOKED_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STARTS_AT = datetime(2026, 12, 4, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)
OF_BUSINESS = {"business_name": "Core Berlin", "time_zone": "Europe/Berlin", "locale": "de-DE"}
CUSTOMER = {"customer_id": SOMEBODY, "customer_name": "Ana Silva"}
EMAIL = "ana@example.com"


def appointment(**changed: Any) -> Appointment:
    told: dict[str, Any] = {
        "id": BOOKING,
        "version": 1,
        "uid": f"{BOOKING}@bookly",
        "sequence": 0,
        "status": "confirmed",
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + HOUR,
        "service_id": BOOKING,
        "service_name": "Reformer Private",
        "staff_id": SOMEBODY,
        "staff_name": "Lena Vogt",
        **CUSTOMER,
        "customer_email": EMAIL,
        "customer_phone": "+4930901820",
        "price_cents": 9500,
        "currency": "EUR",
        "deposit_cents": 3000,
        **OF_BUSINESS,
    }
    return Appointment.model_validate(told | changed)


def session(**changed: Any) -> ClassSession:
    told: dict[str, Any] = {
        "id": BOOKING,
        "version": 1,
        "uid": f"{BOOKING}-session@bookly",
        "sequence": 0,
        "status": "published",
        "template_id": BOOKING,
        "series_id": None,
        "name": "Reformer Flow",
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + HOUR,
        "capacity": 8,
        "instructor_id": SOMEBODY,
        "instructor_name": "Lena Vogt",
        "room_id": BOOKING,
        "room_name": "Studio 2",
        "credit_cost": 1,
        "price_cents": 2800,
        "currency": "EUR",
        "late_cancel_window_minutes": 720,
        **OF_BUSINESS,
    }
    return ClassSession.model_validate(told | changed)


def attendance(**changed: Any) -> Attendance:
    told: dict[str, Any] = {
        "id": BOOKING,
        "version": 1,
        "uid": f"{BOOKING}-place@bookly",
        "sequence": 0,
        "status": "booked",
        "session": session(),
        **CUSTOMER,
        "customer_email": EMAIL,
        "customer_phone": None,
        "party_id": BOOKING,
        "payer_id": SOMEBODY,
        "payer_email": EMAIL,
        "spot_label": "Reformer 3",
        "paid_with": "credit",
        "credits": 1,
        "package_id": BOOKING,
        "package_name": "10er-Karte",
        "price_cents": 0,
        "payment_status": "none",
        "pay_by": None,
        "free_until": STARTS_AT - 12 * HOUR,
        "booked_at": BOOKED_AT,
    }
    return Attendance.model_validate(told | changed)


def drop_in(**changed: Any) -> Attendance:
    paid = {"paid_with": "drop_in", "credits": 0, "package_id": None, "package_name": None}
    return attendance(**{**paid, "price_cents": 2800, "payment_status": "paid"} | changed)


def entry(**changed: Any) -> WaitlistEntry:
    told: dict[str, Any] = {
        "id": BOOKING,
        "version": 1,
        "status": "waiting",
        "session": session(),
        **CUSTOMER,
        "customer_email": EMAIL,
        "party_size": 1,
        "position": 2,
        "offer_expires_at": None,
        "skip_reason": None,
    }
    return WaitlistEntry.model_validate(told | changed)


def package(**changed: Any) -> CustomerPackage:
    told: dict[str, Any] = {
        "id": BOOKING,
        "version": 1,
        **CUSTOMER,
        "customer_email": EMAIL,
        "package_type_id": BOOKING,
        "name": "10er-Karte",
        "credits": 10,
        "balance": 10,
        "starts_on": "2026-11-23",
        "expires_on": "2027-02-23",
        "frozen": False,
        "price_cents": 24000,
        "currency": "EUR",
        "sold_at": BOOKED_AT,
        **OF_BUSINESS,
    }
    return CustomerPackage.model_validate(told | changed)


def receipt(**changed: Any) -> Receipt:
    told: dict[str, Any] = {
        "id": BOOKING,
        "number": 17,
        "kind": "payment",
        "amount_cents": 3000,
        "currency": "EUR",
        "issued_at": BOOKED_AT,
    }
    return Receipt.model_validate(told | changed)
