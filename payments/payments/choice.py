"""Which provider is asked: the one that the settings name."""

from functools import cache

from chassis.runtime import Runtime
from payments.provider import Provider
from payments.settings import PaymentSettings


def provider_for(runtime: Runtime) -> Provider | None:
    """One for each process, which has told its settings who it is."""
    assert isinstance(runtime.settings, PaymentSettings)
    return kept_provider(runtime.settings)


@cache
def kept_provider(settings: PaymentSettings) -> Provider | None:
    return provider_of(settings)


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
