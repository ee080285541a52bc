"""A message as RFC 5322 and MIME: text, HTML, and the booking for the calendar."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple
from uuid import UUID

from notifications.invitations import calendar_text
from notifications.invitations.calendar_text import Method
from notifications.invitations.invited import invitation_of, method_of
from notifications.mails.facts import Facts
from notifications.mails.facts_of_kinds import FACTS
from notifications.mails.headers import AS_WRITTEN, mailbox
from notifications.mails.kinds import Kind
from notifications.mails.links import Links, Message
from notifications.mails.mime_parts import (
    body_of,
    calendar_file,
    calendar_part,
    text_part,
    together,
)
from notifications.mails.wording import Wording, word


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
    def message(self) -> Message:
        return Message(self.business_id, self.id)

    @property
    def facts(self) -> Facts:
        return FACTS[self.kind].parse(self.context)


class InvitationText(NamedTuple):
    method: Method
    text: bytes


def message_id(letter_id: UUID, sender: str) -> str:
    """The same for ever: by it a mail that was perhaps sent is found, or recognised as a repeat."""
    return f"<{letter_id}@{sender.rpartition('@')[2]}>"


def compose(letter: Letter, facts: Facts, sender: str, links: Links) -> EmailMessage:
    """The same letter always gives the same mail, to the byte."""
    wording = word(letter.kind, facts, links, letter.message)
    mail = EmailMessage(policy=AS_WRITTEN)
    mail["Message-ID"] = message_id(letter.id, sender)
    mail["Date"] = format_datetime(letter.dated_at)
    mail.set_raw("From", mailbox(facts.business_name, sender))
    mail.set_raw("To", mailbox(facts.recipient_name, letter.recipient))
    if facts.reply_to:
        mail.set_raw("Reply-To", mailbox(facts.business_name, facts.reply_to))
    mail["Subject"] = wording.subject
    mail["Content-Language"] = wording.language
    # RFC 3834: so that no absence note answers a machine.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if letter.kind.topic:
        # RFC 8058: a mail program unsubscribes its reader by one POST, without asking anything.
        mail.set_raw("List-Unsubscribe", f"<{links.unsubscribe(letter.message)}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    fill(mail, letter, wording, invitation_text(letter, facts, sender))
    return mail


def fill(
    mail: EmailMessage, letter: Letter, wording: Wording, invitation: InvitationText | None
) -> None:
    """The invitation is in it twice: as an alternative for mail programs, and as a file."""
    said = [text_part(wording.text, "plain"), text_part(wording.html, "html")]
    if invitation:
        said.append(calendar_part(invitation.text, invitation.method))
    whole = together("alternative", f"==said-{letter.id.hex}", said)
    if invitation:
        parts = [whole, calendar_file(invitation.text)]
        whole = together("mixed", f"==mail-{letter.id.hex}", parts)
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = whole["Content-Type"]
    mail.set_payload(body_of(whole))


def invitation_text(letter: Letter, facts: Facts, sender: str) -> InvitationText | None:
    method = method_of(letter.kind, facts)
    invitation = invitation_of(facts, letter.recipient, letter.dated_at, sender)
    if method is None or invitation is None:
        return None
    spell = calendar_text.request if method == "REQUEST" else calendar_text.cancellation
    return InvitationText(method, spell(invitation))
