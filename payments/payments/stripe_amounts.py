"""Stripe counts money in minor units too, but keeps two decimals where ISO 4217 has dropped them.

https://docs.stripe.com/currencies#special-cases
"""

WITH_TWO_DECIMALS = frozenset(("ISK", "UGX"))


def in_stripes_units(amount_cents: int, currency: str) -> int:
    return amount_cents * 100 if currency.upper() in WITH_TWO_DECIMALS else amount_cents


def in_our_units(amount: int, currency: str) -> int:
    """An amount that is not whole in our units is none that we have asked for: 0."""
    if currency.upper() not in WITH_TWO_DECIMALS:
        return amount
    whole, rest = divmod(amount, 100)
    return 0 if rest else whole
