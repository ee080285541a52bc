"""Telephone numbers as E.164, whichever way they were typed."""

import phonenumbers

LONGEST = 40


def to_e164(typed: str, region: str | None) -> str:
    """Raises ValueError; without a region only numbers that begin with + can be read."""
    try:
        number = phonenumbers.parse(typed[:LONGEST], region)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a telephone number, such as +49 30 901820") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is not a possible telephone number, such as +49 30 901820")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
