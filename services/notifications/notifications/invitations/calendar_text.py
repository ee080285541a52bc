"""An appointment as a calendar reads it: iCalendar (RFC 5545) carried by iTIP (RFC 5546)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

from notifications.one_line import one_line

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Party:
    name: str
    email: str

    def address(self) -> vCalAddress:
        address = vCalAddress("mailto:" + one_line(self.email))
        # A parameter value knows no escape for a double quote (RFC 5545 3.2).
        address.params["CN"] = vText(one_line(self.name).replace('"', "'"))
        return address


@dataclass(frozen=True)
class Invitation:
    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    organizer: Party
    attendee: Party


def request(invitation: Invitation) -> bytes:
    """The text that puts the appointment into a calendar, or moves it there."""
    return serialise("REQUEST", "CONFIRMED", invitation)


def cancellation(invitation: Invitation) -> bytes:
    """The text that strikes the appointment out of a calendar."""
    return serialise("CANCEL", "CANCELLED", invitation)


def serialise(method: Method, status: str, invitation: Invitation) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Bookly//Notifications//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry(status, invitation))
    text: bytes = calendar.to_ical()
    return text


def entry(status: str, invitation: Invitation) -> Event:
    event = Event()
    event.add("uid", one_line(invitation.uid))
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.stamped_at.astimezone(UTC))
    event.add("dtstart", invitation.starts_at.astimezone(UTC))
    event.add("dtend", invitation.ends_at.astimezone(UTC))
    event.add("summary", one_line(invitation.summary))
    event.add("location", one_line(invitation.location))
    event.add("status", status)
    event.add("transp", "OPAQUE")
    event.add("organizer", invitation.organizer.address())
    attendee = invitation.attendee.address()
    # Who books has accepted; asking for an answer would send mails that nobody reads.
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("attendee", attendee)
    return event
