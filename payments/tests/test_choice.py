import pytest
from pydantic import ValidationError

from payments.choice import provider_of
from payments.settings import PaymentSettings

STRIPE = {"stripe_secret_key": "sk_test", "stripe_webhook_secret": "whsec"}
SANDBOX = {"sandbox_url": "http://127.0.0.1:1", "sandbox_secret": "s", "embedded": True}


@pytest.mark.parametrize(
    ("told", "name"),
    [({}, None), (STRIPE, "stripe"), (SANDBOX, "sandbox"), (STRIPE | SANDBOX, "stripe")],
)
def test_keys_of_stripe_go_before_the_sandbox(told: dict[str, object], name: str | None) -> None:
    provider = provider_of(PaymentSettings(**told))  # type: ignore[arg-type]
    assert (provider and provider.name) == name


@pytest.mark.parametrize(
    "told",
    [
        {"stripe_secret_key": "sk_live"},
        {"sandbox_url": "http://127.0.0.1:1", "embedded": True},
        SANDBOX | {"embedded": False},
    ],
)
def test_half_of_the_settings_is_none(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PaymentSettings(**told)  # type: ignore[arg-type]
