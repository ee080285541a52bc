"""Dates, times and money in the words of a place."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.numbers import format_currency, get_currency_precision
from babel.units import format_unit


def locale_for(language: str, wanted: str) -> Locale:
    """The language that the mail is written in, with the customs of the business's country.

    English words around a German date read badly, and so does an American date in Berlin.
    """
    try:
        territory = Locale.parse(wanted.replace("-", "_")).territory
        return Locale(language, territory)
    except (UnknownLocaleError, ValueError):
        return Locale(language)


def day(moment: datetime, time_zone: str, locale: Locale) -> str:
    local = moment.astimezone(ZoneInfo(time_zone))
    return format_date(local.date(), format="full", locale=locale)


def hours(starts_at: datetime, ends_at: datetime, time_zone: str, locale: Locale) -> str:
    first, last = clock(starts_at, time_zone, locale), clock(ends_at, time_zone, locale)
    return f"{first} \u2013 {last} ({zone_name(starts_at, time_zone, locale)})"


def clock(at: datetime, time_zone: str, locale: Locale) -> str:
    return format_time(at, format="short", tzinfo=ZoneInfo(time_zone), locale=locale)


def zone_name(at: datetime, time_zone: str, locale: Locale) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    return get_timezone_name(local, width="long", locale=locale)


def short_day(moment: datetime, time_zone: str, locale: Locale) -> str:
    return format_skeleton("MMMEd", moment, tzinfo=ZoneInfo(time_zone), locale=locale)


def moment(at: datetime, time_zone: str, locale: Locale, *, zoned: bool = False) -> str:
    words = f"{day(at, time_zone, locale)}, {clock(at, time_zone, locale)}"
    return f"{words} ({zone_name(at, time_zone, locale)})" if zoned else words


def length(lasts: timedelta, locale: Locale) -> str:
    return format_unit(lasts // timedelta(minutes=1), "duration-minute", locale=locale)


def price(price_cents: int, currency: str, locale: Locale) -> str:
    """`price_cents` counts the currency's smallest unit: yen have none below one."""
    amount = Decimal(price_cents).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=locale)
