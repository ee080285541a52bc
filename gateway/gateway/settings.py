"""What the gateway is told: where the services are, whom it believes, how much it lets in."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Self

import limits
from pydantic import AnyHttpUrl, BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from chassis.settings import ProcessSettings

Network = IPv4Network | IPv6Network


def networks(text: Any) -> Any:
    """`10.0.0.0/8, ::1` as people write it."""
    if isinstance(text, str):
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    return text


def limit(text: Any) -> Any:
    return limits.parse(text) if isinstance(text, str) else text


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(networks)]
Limit = Annotated[limits.RateLimitItem, BeforeValidator(limit)]
"""`1200/minute`, as the library `limits` writes it."""


class GatewaySettings(ProcessSettings):
    model_config = SettingsConfigDict(arbitrary_types_allowed=True)

    service: str = "gateway"

    upstream_catalog: AnyHttpUrl
    upstream_scheduling: AnyHttpUrl
    upstream_pilates: AnyHttpUrl
    upstream_portal: AnyHttpUrl
    upstream_notifications: AnyHttpUrl
    mailbox_url: AnyHttpUrl | None = None

    trusted_proxies: Networks = ()
    """Only these may say on whose behalf they call (`X-Forwarded-*`)."""
    metrics_from: Networks = networks("127.0.0.0/8, ::1")

    limit_per_address: Limit = limits.parse("1200/minute")
    limit_per_principal: Limit = limits.parse("600/minute")
    limit_per_business: Limit = limits.parse("6000/minute")
    limit_sign_in: Limit = limits.parse("30/minute")
    """Per address, for what guesses a secret, sends a mail or holds time."""

    in_flight: int = Field(default=64, ge=1)
    """Requests one service works on at a time; the next ones wait in line."""
    waiting: int = Field(default=2000, ge=0)
    patience_seconds: float = 10
    connect_seconds: float = 2
    answer_seconds: float = 30
    """Silence that is borne before and within an answer, or within a request's body."""

    @property
    def upstreams(self) -> dict[str, str]:
        """Origins by service."""
        urls = {
            "catalog": self.upstream_catalog,
            "scheduling": self.upstream_scheduling,
            "pilates": self.upstream_pilates,
            "portal": self.upstream_portal,
            "notifications": self.upstream_notifications,
        }
        found = {"mailbox": self.mailbox_url} if self.mailbox_url else {}
        return {name: str(url).rstrip("/") for name, url in (urls | found).items()}

    @model_validator(mode="after")
    def keep_the_mailbox_out_of_production(self) -> Self:
        if self.mailbox_url and not self.embedded:
            raise ValueError("BOOKLY_MAILBOX_URL works in the embedded stack only")
        return self
