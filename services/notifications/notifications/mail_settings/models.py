from datetime import datetime, time
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from notifications.base import Base
from notifications.mails.look import ACCENT
from notifications.reminders.quiet_hours import QuietHours

DEFAULTS: dict[str, Any] = {
    "accent": ACCENT,
    "reminder_minutes": [24 * 60, 2 * 60],
    "quiet_from": time(21),
    "quiet_until": time(8),
    "notices_to_staff": True,
    "notices_to_business": True,
    "agenda_at": time(7),
}


class MailSettings(OfBusiness, Base):
    """How a business wants its mails to be; one row each, made when it is first needed."""

    __tablename__ = "mail_settings"
    __table_args__ = (
        UniqueConstraint("business_id", name="one_settings_a_business"),
        Index("ix_mail_settings_agenda_due_at", "agenda_due_at"),
    )

    version: Mapped[int] = mapped_column(server_default="1")
    accent: Mapped[str]
    reply_to: Mapped[str | None]
    reminder_minutes: Mapped[list[int]] = mapped_column(JSONB)
    quiet_from: Mapped[time | None]
    """In which reminders wait, in the local time of what they remind of; none without both."""
    quiet_until: Mapped[time | None]
    notices_to_staff: Mapped[bool]
    notices_to_business: Mapped[bool]
    agenda_at: Mapped[time | None]
    """When each staff member with an address is told the day, in the business's local time."""
    agenda_due_at: Mapped[datetime | None]

    @property
    def quiet_hours(self) -> QuietHours | None:
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return QuietHours(self.quiet_from, self.quiet_until)
