"""Which provider is asked: the one that the settings name."""

from payments.provider import Provider
from payments.settings import PaymentSettings


def provider_of(settings: PaymentSettings) -> Provider | None:
    """Stripe where there are keys, else the sandbox where there is one, else nobody."""
    if settings.stripe_secret_key and settings.stripe_webhook_secret:
        # Stripe's library takes 28 MB, which only those who use it should pay.
        from payments.stripe_provider import StripeProvider  # noqa: PLC0415

        return StripeProvider(
            settings.stripe_secret_key, settings.stripe_webhook_secret, settings.stripe_api_base
        )
    if settings.sandbox_url and settings.sandbox_secret:
        from payments.sandbox_provider import SandboxProvider  # noqa: PLC0415

        return SandboxProvider(settings.sandbox_url, settings.sandbox_secret)
    return None
