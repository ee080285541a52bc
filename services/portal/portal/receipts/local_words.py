"""Dates and money as the reader's country writes them."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, get_currency_precision


def locale_of(wanted: str) -> Locale:
    try:
        return Locale.parse(wanted.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def money(cents: int, currency: str, locale: Locale) -> str:
    amount = Decimal(cents) / 10 ** get_currency_precision(currency)
    return format_currency(amount, currency, locale=locale)


def day(at: datetime, zone: str, locale: Locale) -> str:
    return format_date(at.astimezone(ZoneInfo(zone)).date(), format="long", locale=locale)


def moment(at: datetime, zone: str, locale: Locale) -> str:
    clock = format_time(at, format="short", tzinfo=ZoneInfo(zone), locale=locale)
    return f"{day(at, zone, locale)}, {clock}"
