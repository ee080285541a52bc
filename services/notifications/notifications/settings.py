from typing import Literal

from pydantic import Field

from chassis.settings import ServiceSettings
from notifications.mails.links import Links


class NotificationsSettings(ServiceSettings):
    service: Literal["notifications"] = "notifications"
    broker_url: str = Field(pattern="^(amqps?|pgmq)://")
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    sender: str = Field(default="no-reply@bookly.example", pattern="^[^@\\s]+@[^@\\s]+$")
    """Every mail is from this address, under the business's name."""
    sink_url: str | None = Field(default=None, pattern="^https?://")
    """Where the mail server can be asked for a mail; without one, a doubtful mail is sent again."""
    link_secret: str = Field(min_length=32)
    """Signs the links by which readers of mails manage a booking or unsubscribe."""
    mail_attempts: int = Field(default=10, ge=1)
    sending_lasts_seconds: int = Field(default=30, ge=1)
    """After so long a mail that is still being sent was left behind by a crash."""
    mails_per_minute: int = Field(default=3000, ge=1)
    """Of one business at most; what is more waits, and delays nobody else's."""

    @property
    def links(self) -> Links:
        return Links(self.public_url.rstrip("/"), self.link_secret)
