from typing import Literal

from pydantic import Field

from chassis.settings import ServiceSettings


class NotificationsSettings(ServiceSettings):
    service: Literal["notifications"] = "notifications"
    broker_url: str = Field(pattern="^(amqps?|pgmq)://")
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    sender: str = Field(default="no-reply@bookly.example", pattern="^[^@\\s]+@[^@\\s]+$")
    """Every mail is from this address, under the business's name."""
    sink_url: str | None = Field(default=None, pattern="^https?://")
    """Where the mail server can be asked for a mail; without one, a doubtful mail is sent again."""
    mail_attempts: int = Field(default=10, ge=1)
    sending_lasts_seconds: int = Field(default=30, ge=1)
    """After so long a mail that is still being sent was left behind by a crash."""
