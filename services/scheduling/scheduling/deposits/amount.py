"""How much a deposit is: decided here, whatever a page or a payer says."""

from collections.abc import Mapping
from typing import Any

from contracts.catalog import DepositPolicy


def policy_for(
    page: Mapping[str, Any] | None, service: Mapping[str, Any] | None, fixed_cents: int
) -> DepositPolicy:
    """The page's stands above the service's own; the fixed amount is from before policies were."""
    if page is not None:
        return DepositPolicy.model_validate(page)
    if service is not None:
        return DepositPolicy.model_validate(service)
    return DepositPolicy(kind="fixed", amount_cents=fixed_cents)


def deposit_cents(policy: DepositPolicy, price_cents: int) -> int:
    """Never more than the price; 0 asks for nothing. Half a cent counts as one."""
    asked = {
        "pay_later": 0,
        "fixed": policy.amount_cents,
        "percent": (price_cents * policy.percent + 50) // 100,
        "full": price_cents,
    }[policy.kind]
    return max(0, min(asked, price_cents))
