"""How long somebody has to answer, where nobody has to answer at night."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilates.waitlist.quiet_hours import answer_until

BERLIN = "Europe/Berlin"
NIGHT = (time(22), time(7))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN))


def until(now: str, minutes: int, quiet: tuple[time | None, time | None] = NIGHT) -> datetime:
    return answer_until(local(now).astimezone(UTC), minutes, *quiet, BERLIN)


@pytest.mark.parametrize(
    ("now", "minutes", "ends"),
    [
        ("2027-01-11T12:00", 60, "2027-01-11T13:00"),
        ("2027-01-11T21:00", 60, "2027-01-11T22:00"),
        ("2027-01-11T21:30", 60, "2027-01-12T07:30"),
        ("2027-01-11T23:00", 60, "2027-01-12T08:00"),
        ("2027-01-12T03:00", 60, "2027-01-12T08:00"),
        ("2027-01-12T07:00", 60, "2027-01-12T08:00"),
        ("2027-01-11T12:00", 16 * 60, "2027-01-12T13:00"),
        # The night of the change to summer time has an hour less, which nobody misses.
        ("2027-03-27T21:30", 60, "2027-03-28T07:30"),
        ("2027-10-30T21:30", 60, "2027-10-31T07:30"),
    ],
)
def test_quiet_hours_do_not_count(now: str, minutes: int, ends: str) -> None:
    assert until(now, minutes) == local(ends)


def test_quiet_hours_of_one_day_are_waited_through_as_well() -> None:
    siesta = (time(13), time(15))
    assert until("2027-01-11T12:30", 60, siesta) == local("2027-01-11T15:30")
    assert until("2027-01-11T14:00", 10, siesta) == local("2027-01-11T15:10")


def test_without_quiet_hours_minutes_are_minutes() -> None:
    assert until("2027-01-11T23:00", 60, (None, None)) == local("2027-01-12T00:00")


def is_quiet(at: datetime, begins: time, ends: time) -> bool:
    clock = at.astimezone(ZoneInfo(BERLIN)).time()
    if begins < ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


CHANGES = {date(2027, 3, 28), date(2027, 10, 31)}


def half_hour(number: int) -> time:
    return time(number // 2 % 24, number % 2 * 30)


@given(
    now=st.integers(0, 330 * 24 * 60),
    minutes=st.integers(0, 500),
    begins=st.integers(0, 47),
    lasts=st.integers(1, 40),
)
def test_as_many_minutes_pass_outside_quiet_hours_as_were_given(
    now: int, minutes: int, begins: int, lasts: int
) -> None:
    """Counted out minute by minute; change-over nights are in the table above."""
    at = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=now)
    first = half_hour(begins)
    last = half_hour(begins + lasts)
    if any((at + timedelta(days=n)).date() in CHANGES for n in range(-1, 6)) or first == last:
        return
    ends = answer_until(at, minutes, first, last, BERLIN)
    loud = sum(
        not is_quiet(at + timedelta(minutes=n), first, last)
        for n in range(int((ends - at).total_seconds()) // 60)
    )
    assert loud == minutes
