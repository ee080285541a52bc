"""A message as RFC 5322 and MIME: text, HTML, and the appointment for the calendar."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from notifications.invitations import calendar_text
from notifications.invitations.calendar_text import Invitation, Method, Party
from notifications.mails.kinds import AppointmentFacts, Facts, Kind
from notifications.mails.wording import word
from notifications.one_line import one_line

METHODS: dict[Kind, Method] = {
    Kind.APPOINTMENT_CONFIRMED: "REQUEST",
    Kind.APPOINTMENT_RESCHEDULED: "REQUEST",
    Kind.APPOINTMENT_CANCELLED: "CANCEL",
    Kind.APPOINTMENT_REOPENED: "REQUEST",
}


@dataclass(frozen=True)
class Letter:
    """What the messages row knows of a mail."""

    id: UUID
    kind: Kind
    recipient: str
    context: dict[str, object]
    dated_at: datetime


def message_id(letter_id: UUID, sender: str) -> str:
    """The same for ever: by it a mail that was perhaps sent is found, or recognised as a repeat."""
    return f"<{letter_id}@{sender.rpartition('@')[2]}>"


def compose(letter: Letter, facts: Facts, sender: str) -> EmailMessage:
    """The same letter always gives the same mail, with the same Message-ID and Date."""
    wording = word(letter.kind, facts)
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = message_id(letter.id, sender)
    mail["Date"] = format_datetime(letter.dated_at)
    mail["From"] = address(facts.business_name, sender)
    mail["To"] = address(recipient_name(facts), letter.recipient)
    if facts.reply_to:
        mail["Reply-To"] = address(facts.business_name, facts.reply_to)
    mail["Subject"] = wording.subject
    mail["Content-Language"] = wording.language
    # RFC 3834: so that no absence note answers a machine.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(wording.text)
    mail.add_alternative(wording.html, subtype="html")
    invite(mail, letter, facts, sender)
    return mail


def address(name: str, email: str) -> Address:
    local, _, domain = one_line(email).rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode()
    return Address(display_name=one_line(name), username=local, domain=domain)


def recipient_name(facts: Facts) -> str:
    return facts.appointment.customer_name if isinstance(facts, AppointmentFacts) else ""


def invite(mail: EmailMessage, letter: Letter, facts: Facts, sender: str) -> None:
    """Add the invitation twice: as an alternative for mail programs, as a file for the rest."""
    method = METHODS.get(letter.kind)
    if method is None or not isinstance(facts, AppointmentFacts):
        return
    if was_never_firm(facts):
        return
    spell = calendar_text.request if method == "REQUEST" else calendar_text.cancellation
    text = spell(invitation(letter, facts, sender))
    mail.add_alternative(text.decode(), subtype="calendar", params={"method": method}, cte="base64")
    mail.add_attachment(text, maintype="application", subtype="ics", filename="invite.ics")


def was_never_firm(facts: AppointmentFacts) -> bool:
    """No calendar has it yet, so there is nothing to move or to strike out."""
    return (
        facts.appointment.status == "pending"
        or facts.cause == "deposit_not_paid"
        or not facts.was_confirmed
    )


def invitation(letter: Letter, facts: AppointmentFacts, sender: str) -> Invitation:
    booked = facts.appointment
    return Invitation(
        uid=booked.uid,
        sequence=booked.sequence,
        stamped_at=letter.dated_at,
        starts_at=booked.starts_at,
        ends_at=booked.ends_at,
        summary=f"{booked.service_name} ({booked.staff_name})",
        location=facts.business_name,
        organizer=Party(facts.business_name, facts.reply_to or sender),
        attendee=Party(booked.customer_name, letter.recipient),
    )
