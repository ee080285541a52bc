from ipaddress import ip_network
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from chassis.settings import ServiceSettings
from payments.settings import PaymentSettings
from scheduling.busy_calendars.fetch_policy import FetchPolicy, Network


def ports(text: Any) -> Any:
    return frozenset(map(int, text.split(","))) if isinstance(text, str) else text


def networks(text: Any) -> Any:
    """`10.0.0.0/8, ::1` as people write it."""
    if isinstance(text, str):
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    return text


class SchedulingSettings(PaymentSettings, ServiceSettings):
    service: str = "scheduling"
    deposit_minutes: int = Field(default=10, ge=1, le=1000)
    """How long a booking waits for its deposit."""
    fetch_ports: Annotated[frozenset[int], NoDecode, BeforeValidator(ports)] = frozenset({443})
    """Where servers of connected calendars may listen."""
    fetch_seconds: float = Field(default=10, gt=0)
    """To fetch one of them."""
    fetch_from: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(networks)] = ()
    """Networks that are not public and yet fetched from, also by plain HTTP and on any port."""
    read_seconds: float = Field(default=30, gt=0)
    """Of CPU, to read one of them, which is done by a process of its own."""

    @model_validator(mode="after")
    def keep_inner_networks_closed(self) -> Self:
        if self.fetch_from and not self.embedded:
            raise ValueError("BOOKLY_FETCH_FROM works in the embedded stack only")
        return self

    @property
    def fetch_policy(self) -> FetchPolicy:
        return FetchPolicy(self.fetch_ports, self.fetch_seconds, self.fetch_from)
