from typing import Self

from pydantic import model_validator
from pydantic_settings import BaseSettings


class PaymentSettings(BaseSettings):
    """Mixed into the settings of a service that is paid; without any of them it is not paid."""

    stripe_secret_key: str | None = None
    stripe_webhook_secret: str | None = None
    stripe_api_base: str = "https://api.stripe.com"
    sandbox_url: str | None = None
    """Of the embedded stack; Stripe goes before."""
    sandbox_secret: str | None = None
    embedded: bool = False

    @model_validator(mode="after")
    def belong_together(self) -> Self:
        if bool(self.stripe_secret_key) != bool(self.stripe_webhook_secret):
            raise ValueError("BOOKLY_STRIPE_SECRET_KEY needs BOOKLY_STRIPE_WEBHOOK_SECRET")
        if bool(self.sandbox_url) != bool(self.sandbox_secret):
            raise ValueError("BOOKLY_SANDBOX_URL needs BOOKLY_SANDBOX_SECRET")
        if self.sandbox_url and not self.embedded:
            raise ValueError("BOOKLY_SANDBOX_URL works in the embedded stack only")
        return self
