"""Dates, times and money in the words of a place."""

import datetime as dt
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.numbers import format_currency, get_currency_precision
from babel.units import format_unit


def locale_for(language: str, wanted: str) -> Locale:
    """The language that the mail is written in, with the customs of the reader's country.

    English words around a German date read badly, and so does an American date in Berlin.
    """
    try:
        territory = Locale.parse(wanted.replace("-", "_")).territory
        return Locale(language, territory)
    except (UnknownLocaleError, ValueError):
        return Locale(language)


class Place(NamedTuple):
    """Where a moment is spoken of, and in whose words."""

    time_zone: str
    locale: Locale

    def day(self, at: datetime) -> str:
        return day(at.astimezone(ZoneInfo(self.time_zone)).date(), self.locale)

    def short_day(self, at: datetime) -> str:
        zone = ZoneInfo(self.time_zone)
        return format_skeleton("MMMEd", at, tzinfo=zone, locale=self.locale)

    def clock(self, at: datetime) -> str:
        return format_time(at, format="short", tzinfo=ZoneInfo(self.time_zone), locale=self.locale)

    def hours(self, starts_at: datetime, ends_at: datetime) -> str:
        return f"{self.span(starts_at, ends_at)} ({self.zone_name(starts_at)})"

    def span(self, starts_at: datetime, ends_at: datetime) -> str:
        # No line breaks between the two.
        return f"{self.clock(starts_at)}\u00a0\u2013\u00a0{self.clock(ends_at)}"

    def zone_name(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self.time_zone))
        return get_timezone_name(local, width="long", locale=self.locale)

    def moment(self, at: datetime, *, zoned: bool = False) -> str:
        words = f"{self.day(at)}, {self.clock(at)}"
        return f"{words} ({self.zone_name(at)})" if zoned else words

    def elsewhere(
        self, starts_at: datetime, ends_at: datetime, reader_zone: str | None
    ) -> str | None:
        """The same hours where their reader lives, if the clocks there show others."""
        if reader_zone is None:
            return None
        there = Place(reader_zone, self.locale)
        here_shows = starts_at.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None)
        there_shows = starts_at.astimezone(ZoneInfo(reader_zone)).replace(tzinfo=None)
        if here_shows == there_shows:
            return None
        return f"{there.short_day(starts_at)}, {there.hours(starts_at, ends_at)}"


def day(date: dt.date, locale: Locale) -> str:
    return format_date(date, format="full", locale=locale)


def length(lasts: timedelta, locale: Locale) -> str:
    return format_unit(lasts // timedelta(minutes=1), "duration-minute", locale=locale)


def price(price_cents: int, currency: str, locale: Locale) -> str:
    """`price_cents` counts the currency's smallest unit: yen have none below one."""
    amount = Decimal(price_cents).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=locale)
