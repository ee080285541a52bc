from typing import Literal

from pydantic import Field

from chassis.settings import ServiceSettings
from notifications.bounces.return_address import return_address
from notifications.mails.links import Links, Message


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

    return_domain: str | None = Field(default=None, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
    """Reports about mails come to addresses of it, of which each mail has its own. Without one
    they go to `sender`, and nobody here reads them."""
    reports_port: int = Field(default=2525, ge=1, le=65535)
    """Where the worker takes them, by SMTP."""

    def reports_to(self, message: Message) -> str | None:
        if self.return_domain is None:
            return None
        return return_address(message, self.return_domain, self.link_secret)

    @property
    def links(self) -> Links:
        return Links(self.public_url.rstrip("/"), self.link_secret)
