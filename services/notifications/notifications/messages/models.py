from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from notifications.base import Base
from notifications.mails.kinds import Facts, Kind, facts_of
from notifications.messages.problems import MessageHeldSecret, MessageOutdated, MessageUnderway


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


NO_RECEIPT = 0
UNDERWAY = (State.QUEUED, State.SENDING)


class Message(OfBusiness, Base):
    """The truth about one mail. The broker carries its id and the mailer writes its state."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint(
            "business_id", "kind", "about", "version", "receipt_number", "copy", name="told_once"
        ),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="known_state"),
        CheckConstraint(
            "(state IN ('queued', 'sending')) = (next_attempt_at IS NOT NULL)",
            name="due_while_underway",
        ),
        Index(
            "ix_messages_underway",
            "next_attempt_at",
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index("ix_messages_about", "business_id", "about", "version"),
    )

    kind: Mapped[str]
    about: Mapped[UUID]
    """The appointment or invitation that it tells of."""
    version: Mapped[int]
    """The version of that which it tells of."""
    receipt_number: Mapped[int] = mapped_column(server_default=str(NO_RECEIPT))
    """Of the receipt that it is; a version of an appointment may have several."""
    copy: Mapped[int] = mapped_column(server_default="0")
    """0 is what an event made us say; each resend is one more."""
    recipient: Mapped[CaseFolded]
    subject: Mapped[str | None]
    context: Mapped[dict[str, Any]]
    """All that the mail says, as it stood when the event arrived; secrets go when it is sent."""
    headers: Mapped[dict[str, Any]]
    """Trace context, from the click to the mail."""
    state: Mapped[str] = mapped_column(server_default=State.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    dated_at: Mapped[datetime]
    """The mail's Date and its invitation's DTSTAMP: when that happened which it tells of."""
    queued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    failed_reason: Mapped[str | None]

    @property
    def facts(self) -> Facts:
        return facts_of(Kind(self.kind)).parse(self.context)

    def check_repeatable(self, now: datetime) -> None:
        """Raises the reason why it must not be sent once more."""
        if self.state in UNDERWAY:
            raise MessageUnderway(state=self.state)
        if Kind(self.kind).holds_secret:
            raise MessageHeldSecret
        if self.facts.ends_at <= now:
            raise MessageOutdated
