"""When reminders are due, around quiet hours and the change of clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.reminders.due_times import due_times
from notifications.reminders.quiet_hours import QuietHours

BERLIN = "Europe/Berlin"
DAY_AND_TWO_HOURS = (24 * 60, 2 * 60)
NIGHT = QuietHours(time(21), time(8))
YEAR = datetime(2026, 1, 1)  # noqa: DTZ001  What the wall shows, wherever it is.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def local(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due(
    starts: str,
    quiet: QuietHours | None = NIGHT,
    zone: str = BERLIN,
    now: datetime = LONG_AGO,
    leads: tuple[int, ...] = DAY_AND_TWO_HOURS,
) -> dict[int, str]:
    """Minutes before the start, and what the wall shows then."""
    found = due_times(local(starts, zone), leads, quiet, zone, now)
    return {m: at.astimezone(ZoneInfo(zone)).isoformat()[:16] for m, at in found}


def test_a_day_and_two_hours_before() -> None:
    assert due("2026-12-04T18:00") == {1440: "2026-12-03T18:00", 120: "2026-12-04T16:00"}


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        # Clocks go forward in the night to Sunday: 24 hours before is an hour earlier on the wall.
        ("2026-03-29T12:00", {1440: "2026-03-28T11:00", 120: "2026-03-29T10:00"}),
        # They go back: an hour later on the wall.
        ("2026-10-25T12:00", {1440: "2026-10-24T13:00", 120: "2026-10-25T10:00"}),
    ],
)
def test_windows_are_elapsed_time_over_both_change_overs(
    starts: str, expected: dict[int, str]
) -> None:
    assert due(starts) == expected


@pytest.mark.parametrize(
    ("starts", "of_two_hours"),
    [
        ("2026-12-04T10:00", "2026-12-04T08:00"),  # Just after the night.
        ("2026-12-04T09:59", "2026-12-04T08:00"),  # It waits for the morning.
        ("2026-12-04T09:00", "2026-12-04T08:00"),  # An hour is still enough.
        ("2026-12-04T08:59", "2026-12-03T20:59"),  # Less is not: the evening before.
        ("2026-12-04T07:00", "2026-12-03T20:59"),
        ("2026-12-04T22:59", "2026-12-04T20:59"),  # The last minute before the night.
        ("2026-12-04T23:00", "2026-12-04T20:59"),  # At its first moment it is night.
    ],
)
def test_nobody_is_woken(starts: str, of_two_hours: str) -> None:
    assert due(starts)[120] == of_two_hours


def test_of_a_day_before_an_early_class_the_morning_is_early_enough() -> None:
    assert due("2026-12-04T06:30") == {1440: "2026-12-03T08:00", 120: "2026-12-03T20:59"}


def test_quiet_hours_within_a_day() -> None:
    siesta = QuietHours(time(13), time(16))
    assert due("2026-12-04T17:00", siesta)[120] == "2026-12-04T16:00"
    assert due("2026-12-04T16:30", siesta)[120] == "2026-12-04T12:59"
    assert due("2026-12-04T18:00", siesta)[120] == "2026-12-04T16:00"


def test_a_night_that_ends_in_the_hour_that_is_skipped_ends_after_the_gap() -> None:
    to_gap = QuietHours(time(21), time(2, 30))
    assert due("2026-03-29T05:00", to_gap)[120] == "2026-03-29T03:30"


def test_what_is_past_when_it_is_booked_is_not_said() -> None:
    an_hour_late = local("2026-12-03T18:00") + timedelta(seconds=1)
    assert due("2026-12-04T18:00", now=an_hour_late) == {120: "2026-12-04T16:00"}
    at_that_moment = local("2026-12-04T16:00")
    assert due("2026-12-04T18:00", now=at_that_moment) == {}


def test_two_that_would_come_in_the_same_moment_are_one() -> None:
    assert due("2026-12-04T07:00", leads=(180, 120, 60)) == {60: "2026-12-03T20:59"}


@given(
    st.datetimes(YEAR, YEAR + timedelta(days=700), allow_imaginary=False),
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.tuples(st.times(), st.times()),
    st.lists(st.integers(15, 20_160), unique=True, max_size=4),
)
def test_always_before_the_start_and_never_in_quiet_hours(
    starts: datetime, zone: str, night: tuple[time, time], leads: list[int]
) -> None:
    begin, end = (hour.replace(second=0, microsecond=0) for hour in night)
    quiet = QuietHours(begin, end)
    starts_at = starts.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for minutes, due_at in due_times(starts_at, leads, quiet, zone, LONG_AGO):
        assert due_at < starts_at
        assert minutes in leads
        assert quiet.around(due_at, zone) is None or nearly_always_quiet(begin, end)


def nearly_always_quiet(begin: time, end: time) -> bool:
    """Where less than some hours of the day are loud, the minute before is quiet as well."""
    loud = (begin.hour * 60 + begin.minute - end.hour * 60 - end.minute) % 1440
    return loud < 120
