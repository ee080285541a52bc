from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import CaseFolded, OfBusiness
from notifications.base import Base
from notifications.mails.envelope import Letter
from notifications.mails.facts import Facts
from notifications.mails.facts_of_kinds import FACTS
from notifications.mails.kinds import Kind
from notifications.messages.problems import MessageHeldSecret, MessageOutdated, MessageUnderway


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


NO_RECEIPT = 0
UNDERWAY = (State.QUEUED, State.SENDING)
IS_UNDERWAY = text("state IN ('queued', 'sending')")


class Message(OfBusiness, Base):
    """The truth about one mail. The broker carries its id and the mailer writes its state."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint(
            "business_id",
            "kind",
            "about",
            "version",
            "receipt_number",
            "part",
            "recipient",
            "copy",
            name="told_once",
        ),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="known_state"),
        CheckConstraint(
            "(state IN ('queued', 'sending')) = (next_attempt_at IS NOT NULL)",
            name="due_while_underway",
        ),
        Index("ix_messages_due", "business_id", "next_attempt_at", postgresql_where=IS_UNDERWAY),
        Index(
            "ix_messages_in_line",
            "business_id",
            "about",
            "recipient",
            "version",
            "id",
            postgresql_where=IS_UNDERWAY,
        ),
        Index(
            "ix_messages_failed",
            "business_id",
            "id",
            postgresql_where=text("state = 'failed'"),
        ),
        Index("ix_messages_about", "business_id", "about", "version"),
        Index("ix_messages_customer_id", "business_id", "customer_id"),
        Index("ix_messages_recipient", "business_id", "recipient"),
        Index("ix_messages_queued_at", "queued_at", postgresql_using="brin"),
    )

    kind: Mapped[str]
    about: Mapped[UUID]
    """What it tells of: a booking, a package, a link. Of one of them, a reader gets one message
    after the other, in the order of its versions."""
    version: Mapped[int]
    """The version of that which it tells of."""
    receipt_number: Mapped[int] = mapped_column(server_default=str(NO_RECEIPT))
    """Of the receipt that it is; a version of an appointment may have several."""
    part: Mapped[str] = mapped_column(server_default="")
    """Which of several of its kind and version: of a reminder, how many minutes before."""
    copy: Mapped[int] = mapped_column(server_default="0")
    """0 is what an event made us say; each resend is one more."""
    recipient: Mapped[CaseFolded]
    customer_id: Mapped[UUID | None]
    """Whom it is to, or of whom it speaks."""
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
        return FACTS[Kind(self.kind)].parse(self.context)

    @property
    def letter(self) -> Letter:
        return Letter(
            business_id=self.business_id,
            id=self.id,
            kind=Kind(self.kind),
            recipient=self.recipient,
            context=self.context,
            dated_at=self.dated_at,
        )

    def check_repeatable(self, now: datetime) -> None:
        """Raises the reason why it must not be sent once more."""
        if self.state in UNDERWAY:
            raise MessageUnderway(state=self.state)
        if Kind(self.kind).secrets or Kind(self.kind).is_last_word:
            raise MessageHeldSecret
        if self.facts.ends_at <= now:
            raise MessageOutdated
