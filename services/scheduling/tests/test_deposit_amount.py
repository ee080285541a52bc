"""How much is asked: by the page before the service, never more than the price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalog import DepositPolicy
from scheduling.deposits.amount import deposit_cents, policy_for

PAY_LATER = {"kind": "pay_later"}
HALF = {"kind": "percent", "percent": 50}
KINDS = st.sampled_from(["pay_later", "fixed", "percent", "full"])


@pytest.mark.parametrize(
    ("policy", "price_cents", "asked"),
    [
        (PAY_LATER, 9500, 0),
        ({"kind": "fixed", "amount_cents": 2000}, 9500, 2000),
        ({"kind": "fixed", "amount_cents": 2000}, 1500, 1500),
        ({"kind": "fixed", "amount_cents": 2000}, 0, 0),
        ({"kind": "full"}, 9500, 9500),
        (HALF, 9500, 4750),
        (HALF, 25, 13),
        ({"kind": "percent", "percent": 33}, 100, 33),
        ({"kind": "percent", "percent": 100}, 9999, 9999),
        ({"kind": "percent", "percent": 1}, 49, 0),
        ({"kind": "percent", "percent": 1}, 50, 1),
    ],
)
def test_what_a_policy_asks(policy: dict[str, object], price_cents: int, asked: int) -> None:
    assert deposit_cents(DepositPolicy.model_validate(policy), price_cents) == asked


@pytest.mark.parametrize(
    ("page", "service", "fixed_cents", "kind"),
    [
        (None, None, 0, "fixed"),
        (None, HALF, 500, "percent"),
        (PAY_LATER, HALF, 500, "pay_later"),
        (HALF, None, 500, "percent"),
    ],
)
def test_a_page_stands_above_a_service(
    page: dict[str, object] | None, service: dict[str, object] | None, fixed_cents: int, kind: str
) -> None:
    assert policy_for(page, service, fixed_cents).kind == kind


@given(KINDS, st.integers(-1000, 10**7), st.integers(-10, 300), st.integers(0, 10**7))
def test_nothing_ever_asks_more_than_the_price_or_less_than_nothing(
    kind: str, amount_cents: int, percent: int, price_cents: int
) -> None:
    told = {"kind": kind, "amount_cents": amount_cents, "percent": percent}
    assert 0 <= deposit_cents(DepositPolicy.model_validate(told), price_cents) <= price_cents
