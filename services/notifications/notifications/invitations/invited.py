"""Which mails move a calendar, and what they put into it."""

from datetime import datetime

from notifications.invitations.calendar_text import Invitation, Method, Party
from notifications.mails.facts import AppointmentFacts, Facts, PlaceFacts
from notifications.mails.kinds import Kind
from notifications.places.unpaid import was_never_paid

METHODS: dict[Kind, Method] = {
    Kind.APPOINTMENT_CONFIRMED: "REQUEST",
    Kind.APPOINTMENT_RESCHEDULED: "REQUEST",
    Kind.APPOINTMENT_CANCELLED: "CANCEL",
    Kind.APPOINTMENT_REOPENED: "REQUEST",
    Kind.PLACE_BOOKED: "REQUEST",
    Kind.PLACE_PROMOTED: "REQUEST",
    Kind.PLACE_CHANGED: "REQUEST",
    Kind.PLACE_CANCELLED: "CANCEL",
    Kind.DROP_IN_PAID: "REQUEST",
}


def method_of(kind: Kind, facts: Facts) -> Method | None:
    """None where no calendar has it yet, so there is nothing to move or to strike out."""
    if isinstance(facts, AppointmentFacts) and was_never_firm(facts):
        return None
    method = METHODS.get(kind)
    if isinstance(facts, PlaceFacts) and not belongs_in_calendar(facts, method):
        return None
    return method


def was_never_firm(facts: AppointmentFacts) -> bool:
    return (
        facts.appointment.status == "pending"
        or facts.cause == "deposit_not_paid"
        or not facts.was_confirmed
    )


def belongs_in_calendar(facts: PlaceFacts, method: Method | None) -> bool:
    """A place that waits for its money is in none yet, nor is one of the reader's company."""
    attendance = facts.attendance
    if attendance.customer_email is None or was_never_paid(attendance):
        return False
    stands = attendance.status == "booked" and attendance.payment_status != "awaited"
    return stands or method == "CANCEL"


def invitation_of(
    facts: Facts, recipient: str, stamped_at: datetime, sender: str
) -> Invitation | None:
    organizer = Party(facts.business_name, facts.reply_to or sender)
    if isinstance(facts, AppointmentFacts):
        booked = facts.appointment
        return Invitation(
            uid=booked.uid,
            sequence=booked.sequence,
            stamped_at=stamped_at,
            starts_at=booked.starts_at,
            ends_at=booked.ends_at,
            summary=f"{booked.service_name} ({booked.staff_name})",
            location=facts.business_name,
            organizer=organizer,
            attendee=Party(booked.customer_name, recipient),
        )
    if isinstance(facts, PlaceFacts):
        place, session = facts.attendance, facts.attendance.session
        taught = f" ({session.instructor_name})" if session.instructor_name else ""
        room = f", {session.room_name}" if session.room_name else ""
        return Invitation(
            uid=place.uid,
            sequence=place.sequence,
            stamped_at=stamped_at,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            summary=session.name + taught,
            location=facts.business_name + room,
            organizer=organizer,
            attendee=Party(place.customer_name, recipient),
        )
    return None
