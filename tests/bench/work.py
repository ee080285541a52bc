"""Seeded work: so many people, so many days, eight bookings a day each, across a change-over."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from tests.bench.studio import BUFFER_AFTER, BUFFER_BEFORE, CLOSES, DURATION, OPENS, ZONE

BOOKINGS_A_DAY = 8
PLACES_A_DAY = 14
"""As many as fit into eleven hours, which a night of twelve on the wall may have."""
BLOCK = timedelta(minutes=BUFFER_BEFORE + DURATION + BUFFER_AFTER)
FIRST_PLACE = timedelta(minutes=15)


@dataclass(frozen=True)
class Booking:
    person: int
    starts_at: datetime
    after_opening: timedelta
    day: date
    """On which the shift began."""


@dataclass(frozen=True)
class Work:
    people: int
    days: int
    first: date

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @cached_property
    def bookings(self) -> list[Booking]:
        chance = random.Random(1)
        return [
            Booking(person, shift(person, day)[0] + after, after, day)
            for person in range(self.people)
            for day in self.all_days
            for place in sorted(chance.sample(range(PLACES_A_DAY), BOOKINGS_A_DAY))
            for after in [FIRST_PLACE + place * BLOCK]
        ]

    @property
    def all_days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.days)]

    def __str__(self) -> str:
        return f"{self.people} people x {self.days} days"


def work(people: int, days: int, today: date) -> Work:
    """The next days of this number with a change-over in their middle."""
    return Work(people, days, next_change_over(today + timedelta(days=days)) - timedelta(days // 2))


def next_change_over(after: date) -> date:
    zone, day = ZoneInfo(ZONE), after
    while offset(zone, day) == offset(zone, day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def offset(zone: ZoneInfo, day: date) -> timedelta | None:
    return datetime.combine(day, time(), zone).utcoffset()


def shift(person: int, day: date) -> tuple[datetime, datetime]:
    """From the wall's hours to instants; the first person works at night."""
    opens, closes = time.fromisoformat(OPENS), time.fromisoformat(CLOSES)
    next_day = day + timedelta(days=1)
    bounds = ((day, closes), (next_day, opens)) if person == 0 else ((day, opens), (day, closes))
    begins, ends = (datetime.combine(*bound, ZoneInfo(ZONE)).astimezone(UTC) for bound in bounds)
    return begins, ends
