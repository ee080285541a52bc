"""Who comes when: four weeks of appointments that a real studio could have had."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stack.demo_studio import BUSINESS, SERVICES, STAFF, Offer, Person

ZONE = ZoneInfo(BUSINESS["time_zone"])
_WEEKS_AROUND = timedelta(weeks=2)
_PAUSES_MINUTES = (0, 0, 0, 15, 30, 45)


@dataclass(frozen=True)
class Visit:
    staff: str
    service: str
    starts_at: datetime
    customer: float
    """Where in the list of customers, from 0 to 1."""
    is_cancelled: bool


def visits(today: date) -> list[Visit]:
    """Loaded again on a later day, a day has the visits it had, and perhaps some more."""
    days = [today - _WEEKS_AROUND + timedelta(days=n) for n in range(2 * _WEEKS_AROUND.days)]
    return [
        visit
        for day in days
        for person in STAFF
        if day.weekday() in person.weekdays
        for visit in _day_of(person, day, _fill(day - today))
    ]


def _fill(ahead: timedelta) -> float:
    """How full a day is: people book late, so it thins out with distance."""
    weeks = ahead.days / 7
    return 0.9 if weeks <= 0 else 0.9 - 0.25 * weeks


def _day_of(person: Person, day: date, fill: float) -> Iterator[Visit]:
    chance = random.Random(f"{person.name} {day}")  # noqa: S311 - a demo, not a secret
    offers = [offer for offer in SERVICES if person.name in offer.offered_by]
    for begins, ends in person.hours:
        at, end = _local(day, begins), _local(day, ends)
        while True:
            at += timedelta(minutes=chance.choice(_PAUSES_MINUTES))
            offer = chance.choice(offers)
            starts_at = at + timedelta(minutes=offer.more.get("buffer_before_minutes", 0))
            if starts_at + timedelta(minutes=offer.duration_minutes) > end:
                break
            draws = chance.random(), chance.random(), chance.random()
            if draws[0] < fill:
                aware = starts_at.replace(tzinfo=ZONE)
                yield Visit(person.name, offer.name, aware, draws[1], draws[2] < 0.04)
            at = _next_quarter(starts_at, offer)


def _next_quarter(starts_at: datetime, offer: Offer) -> datetime:
    busy = offer.duration_minutes + offer.more.get("buffer_after_minutes", 0)
    # The next visit's buffer comes on top, whichever it will be.
    return starts_at + timedelta(minutes=-(-busy // 15) * 15)


def _local(day: date, clock: str) -> datetime:
    """Without a zone: the arithmetic of a day's plan is that of the clock on the wall."""
    return datetime.combine(day, time.fromisoformat(clock))
