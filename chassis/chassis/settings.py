"""What a process is told by its environment. Nothing else reads the environment."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProcessSettings(BaseSettings):
    """Every variable has the prefix `BOOKLY_`; see docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="BOOKLY_", extra="ignore", frozen=True)

    service: str
    host: str = "127.0.0.1"
    port: int = 8000
    nats_url: str = "nats://127.0.0.1:4222"
    nats_replicas: int = 1
    public_keys: Path
    """JWKS with the keys that may have signed an access token."""
    public_url: str = "http://localhost:8000"
    """Where people reach us; links are built from it and never from a request header."""

    otlp_endpoint: str | None = None
    """An OpenTelemetry collector, such as http://collector:4318; without one nothing is sent."""

    home: Path | None = None
    embedded: bool = False
    clock: Path | None = None
    failpoint: str = ""

    @model_validator(mode="after")
    def keep_test_handles_out_of_production(self) -> Self:
        if (self.clock or self.failpoint) and not self.embedded:
            raise ValueError("BOOKLY_CLOCK and BOOKLY_FAILPOINT work in the embedded stack only")
        return self


class ServiceSettings(ProcessSettings):
    database_url: str
    """The app role's: it owns nothing, so row-level security binds it."""
    pool_size: int = Field(default=10, ge=1)
