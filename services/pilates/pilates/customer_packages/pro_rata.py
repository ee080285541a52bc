"""What credits that are left are worth: of the price as much as they are of those sold."""


def value_cents(price_cents: int, left: int, sold: int) -> int:
    """Rounded half up. Credits that were added for nothing are worth nothing."""
    return (2 * price_cents * min(left, sold) + sold) // (2 * sold)
