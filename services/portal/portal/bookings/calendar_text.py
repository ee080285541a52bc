"""Bookings as calendar apps read them (RFC 5545)."""

from collections.abc import Iterable

from calendaring.vevent import Occasion, vevent
from portal.bookings.models import Booking
from portal.bookings.schemas import BookingRead

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bookly//Portal//EN\r\n"
STATUS = {
    "pending": "TENTATIVE",
    "cancelled": "CANCELLED",
    "late_cancelled": "CANCELLED",
}


def event_of(booking: Booking, seen: BookingRead) -> str:
    told = booking.appointment if booking.kind == "appointment" else booking.attendance
    return vevent(
        Occasion(
            uid=told.uid,
            sequence=told.sequence,
            changed_at=booking.told_at,
            starts_at=seen.starts_at,
            ends_at=seen.ends_at,
            status=STATUS.get(booking.status, "CONFIRMED"),
        ),
        seen.title,
        seen.with_name,
    )


def calendar(events: Iterable[str]) -> str:
    return f"{HEAD}{''.join(events)}END:VCALENDAR\r\n"
