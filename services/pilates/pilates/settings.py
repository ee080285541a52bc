from pydantic import Field

from chassis.settings import ServiceSettings
from payments.settings import PaymentSettings


class PilatesSettings(PaymentSettings, ServiceSettings):
    service: str = "pilates"
    drop_in_minutes: int = Field(default=10, ge=1, le=1000)
    """How long a place waits for its drop-in."""
