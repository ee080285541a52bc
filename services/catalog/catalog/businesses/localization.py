"""Time zones, currencies, locales and regions: only what exists."""

import zoneinfo
from functools import cache
from typing import Annotated

from babel.core import get_global
from babel.localedata import exists
from pydantic import AfterValidator, StringConstraints

NOWHERE = {"Factory", "localtime", "posixrules"}
"""In the database of zones, but no place keeps their time."""


@cache
def time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - NOWHERE)


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes that are legal tender somewhere today."""
    return frozenset(
        code
        for uses in get_global("territory_currencies").values()
        for code, _since, until, tender in uses
        if tender and until is None
    )


def check_time_zone(name: str) -> str:
    if name not in time_zones():
        raise ValueError("is not an IANA time zone, such as Europe/Berlin")
    return name


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


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(check_time_zone)]
Currency = Annotated[str, StringConstraints(max_length=3), AfterValidator(check_currency)]
Locale = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$"), AfterValidator(check_locale)
]
