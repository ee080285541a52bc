"""A message as RFC 5322 and MIME: text, HTML, and the booking for the calendar."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from notifications.invitations import calendar_text
from notifications.invitations.invited import invitation_of, method_of
from notifications.mails.facts import FACTS, Facts
from notifications.mails.kinds import Kind
from notifications.mails.links import Links, Message
from notifications.mails.wording import word
from notifications.one_line import one_line


@dataclass(frozen=True)
class Letter:
    """What the messages row knows of a mail."""

    business_id: UUID
    id: UUID
    kind: Kind
    recipient: str
    context: dict[str, object]
    dated_at: datetime

    @property
    def facts(self) -> Facts:
        return FACTS[self.kind].parse(self.context)


def message_id(letter_id: UUID, sender: str) -> str:
    """The same for ever: by it a mail that was perhaps sent is found, or recognised as a repeat."""
    return f"<{letter_id}@{sender.rpartition('@')[2]}>"


def compose(letter: Letter, facts: Facts, sender: str, links: Links) -> EmailMessage:
    """The same letter always gives the same mail, with the same Message-ID and Date."""
    message = Message(letter.business_id, letter.id)
    wording = word(letter.kind, facts, links, message)
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = message_id(letter.id, sender)
    mail["Date"] = format_datetime(letter.dated_at)
    mail["From"] = address(facts.business_name, sender)
    mail["To"] = address(facts.recipient_name, letter.recipient)
    if facts.reply_to:
        mail["Reply-To"] = address(facts.business_name, facts.reply_to)
    mail["Subject"] = wording.subject
    # RFC 3834: so that no absence note answers a machine.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if letter.kind.topic:
        # RFC 8058: a mail program unsubscribes its reader by one POST, without asking anything.
        mail["List-Unsubscribe"] = f"<{links.unsubscribe(message)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(wording.text)
    mail.add_alternative(wording.html, subtype="html")
    invite(mail, letter, facts, sender)
    # At last: with each part that is added, headers of this name move into the part before.
    mail["Content-Language"] = wording.language
    return mail


def address(name: str, email: str) -> Address:
    local, _, domain = one_line(email).rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode()
    return Address(display_name=one_line(name), username=local, domain=domain)


def invite(mail: EmailMessage, letter: Letter, facts: Facts, sender: str) -> None:
    """Add the invitation twice: as an alternative for mail programs, as a file for the rest."""
    method = method_of(letter.kind, facts)
    invitation = invitation_of(facts, letter.recipient, letter.dated_at, sender)
    if method is None or invitation is None:
        return
    spell = calendar_text.request if method == "REQUEST" else calendar_text.cancellation
    text = spell(invitation)
    mail.add_alternative(text.decode(), subtype="calendar", params={"method": method}, cte="base64")
    mail.add_attachment(text, maintype="application", subtype="ics", filename="invite.ics")
