from pydantic import Field

from chassis.settings import ServiceSettings
from payments.settings import PaymentSettings


class SchedulingSettings(PaymentSettings, ServiceSettings):
    service: str = "scheduling"
    deposit_minutes: int = Field(default=10, ge=1, le=1000)
    """How long a booking waits for its deposit."""
