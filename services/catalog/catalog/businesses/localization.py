"""Currencies, locales and regions: only what exists."""

from functools import cache
from typing import Annotated

from babel.core import get_global
from babel.localedata import exists
from pydantic import AfterValidator, StringConstraints


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes that are legal tender somewhere today."""
    return frozenset(
        code
        for uses in get_global("territory_currencies").values()
        for code, _since, until, tender in uses
        if tender and until is None
    )


def check_currency(code: str) -> str:
    if code not in currencies():
        raise ValueError("is not an ISO 4217 currency in use, such as EUR")
    return code


def check_locale(tag: str) -> str:
    if not exists(tag.partition("-")[0]):
        raise ValueError("is not a language we know, such as de or en-GB")
    return tag


def region_of(time_zone: str, locale: str) -> str | None:
    """ISO 3166 region where a local telephone number is read."""
    region = get_global("zone_territories").get(time_zone)
    return region or locale.partition("-")[2] or None


Currency = Annotated[str, StringConstraints(max_length=3), AfterValidator(check_currency)]
Locale = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$"), AfterValidator(check_locale)
]
