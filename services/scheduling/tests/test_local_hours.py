from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.slots.free_slots import SlotShape, free_slots
from scheduling.working_hours.local_hours import (
    Interval,
    LocalRange,
    day_bounds,
    working_intervals,
)

BERLIN = "Europe/Berlin"
LORD_HOWE = "Australia/Lord_Howe"
ZONES = [BERLIN, LORD_HOWE, "America/St_Johns", "Africa/Cairo", "Asia/Kathmandu"]
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
MONDAY = date(2026, 6, 1)
TUESDAY, SUNDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=6)
WHOLE_DAY = (time(0), time(0))


def hours(starts_at: str, ends_at: str) -> LocalRange:
    return time.fromisoformat(starts_at), time.fromisoformat(ends_at)


def every_day(*ranges: LocalRange) -> dict[int, tuple[LocalRange, ...]]:
    return dict.fromkeys(range(7), ranges)


def utc(intervals: list[Interval]) -> list[tuple[str, str]]:
    return [
        (
            datetime.fromtimestamp(begins, UTC).strftime("%m-%d %H:%M"),
            datetime.fromtimestamp(ends, UTC).strftime("%m-%d %H:%M"),
        )
        for begins, ends in intervals
    ]


@pytest.mark.parametrize(
    ("day", "slots"), [(SPRING, 4), (AUTUMN, 8), (MONDAY, 6)], ids=["spring", "autumn", "summer"]
)
def test_hours_over_a_clock_change_offer_the_time_that_really_passes(day: date, slots: int) -> None:
    working = working_intervals(every_day(hours("01:00", "04:00")), BERLIN, day, day)
    half_hours = SlotShape(duration=1800, buffer_before=0, buffer_after=0, step=1800)
    assert len(list(free_slots(working, [], half_hours, day_bounds(BERLIN, day)))) == slots


@pytest.mark.parametrize(
    ("zone", "day", "elapsed"),
    [
        (BERLIN, MONDAY, 24),
        (BERLIN, SPRING, 23),
        (BERLIN, AUTUMN, 25),
        (LORD_HOWE, date(2026, 10, 4), 23.5),
        (LORD_HOWE, date(2026, 4, 5), 24.5),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
    ids=["usual", "spring", "autumn", "half an hour less", "more", "no midnight", "no such day"],
)
def test_a_local_day_lasts_as_long_as_its_clock_says(zone: str, day: date, elapsed: float) -> None:
    begins, ends = day_bounds(zone, day)
    assert (ends - begins) / 3600 == elapsed


def test_a_local_day_begins_and_ends_at_local_midnight() -> None:
    assert utc([day_bounds(BERLIN, AUTUMN)]) == [("10-24 22:00", "10-25 23:00")]


def test_a_local_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    working = working_intervals(every_day(hours("02:15", "05:00")), BERLIN, SPRING, SPRING)
    assert utc(working) == [("03-28 01:15", "03-28 03:00")]


def test_a_local_time_that_happens_twice_means_the_first() -> None:
    working = working_intervals(every_day(hours("02:30", "05:00")), BERLIN, AUTUMN, AUTUMN)
    assert utc(working) == [("10-25 00:30", "10-25 04:00")]
    working = working_intervals(every_day(hours("01:00", "02:30")), BERLIN, AUTUMN, AUTUMN)
    assert utc(working) == [("10-24 23:00", "10-25 00:30")]


def test_half_an_hour_of_clock_change_is_counted_as_half_an_hour() -> None:
    day = date(2026, 10, 4)
    working = working_intervals(every_day(hours("01:00", "03:00")), LORD_HOWE, day, day)
    assert utc(working) == [("10-03 14:30", "10-03 16:00")]


def test_hours_that_the_clock_skips_offer_nothing() -> None:
    skipped = every_day(hours("02:45", "03:15"))
    assert working_intervals(skipped, BERLIN, SPRING, SPRING) == []


def test_each_weekday_has_its_own_hours_and_monday_is_0() -> None:
    weekly = {0: [hours("14:00", "18:00"), hours("09:00", "12:00")], 6: [hours("10:00", "11:00")]}
    assert utc(working_intervals(weekly, BERLIN, MONDAY, SUNDAY)) == [
        ("06-01 07:00", "06-01 10:00"),
        ("06-01 12:00", "06-01 16:00"),
        ("06-07 08:00", "06-07 09:00"),
    ]


def test_hours_across_midnight_belong_to_both_days_whole() -> None:
    night = [("06-01 20:00", "06-02 04:00")]
    weekly = {0: [hours("22:00", "06:00")]}
    assert utc(working_intervals(weekly, BERLIN, MONDAY, MONDAY)) == night
    assert utc(working_intervals(weekly, BERLIN, TUESDAY, TUESDAY)) == night
    assert working_intervals(weekly, BERLIN, TUESDAY + timedelta(days=1), SUNDAY) == []


def test_hours_that_end_at_midnight_do_not_belong_to_the_next_day() -> None:
    weekly = {0: [hours("22:00", "00:00")]}
    assert working_intervals(weekly, BERLIN, TUESDAY, TUESDAY) == []


def test_hours_that_begin_with_the_next_day_do_not_belong_to_the_last() -> None:
    weekly = {1: [hours("00:00", "02:00")]}
    assert working_intervals(weekly, BERLIN, MONDAY, MONDAY) == []


def test_midnight_to_midnight_is_the_whole_local_day() -> None:
    weekly = {AUTUMN.weekday(): [WHOLE_DAY]}
    assert working_intervals(weekly, BERLIN, AUTUMN, AUTUMN) == [day_bounds(BERLIN, AUTUMN)]


def test_hours_that_overlap_or_touch_close_together() -> None:
    ranges = hours("09:00", "13:00"), hours("10:00", "11:00"), hours("12:00", "15:00")
    weekly = {0: [*ranges, hours("15:00", "16:00"), hours("17:00", "18:00")]}
    assert utc(working_intervals(weekly, BERLIN, MONDAY, MONDAY)) == [
        *((opens, "06-01 14:00") for opens in ("06-01 07:00", "06-01 08:00")),
        *((opens, "06-01 14:00") for opens in ("06-01 10:00", "06-01 13:00")),
        ("06-01 15:00", "06-01 16:00"),
    ]


def test_the_hours_of_an_exception_replace_those_of_its_date_only() -> None:
    weekly = every_day(hours("09:00", "17:00"))
    exceptions = {MONDAY: [hours("12:00", "13:00")], TUESDAY: []}
    last = TUESDAY + timedelta(days=1)
    assert utc(working_intervals(weekly, BERLIN, MONDAY, last, exceptions)) == [
        ("06-01 10:00", "06-01 11:00"),
        ("06-03 07:00", "06-03 15:00"),
    ]


zones = st.sampled_from(ZONES)
days = st.dates(date(2005, 1, 1), date(2035, 12, 31))
quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@pytest.mark.parametrize("zone", ZONES)
def test_local_days_follow_one_another_without_gap_or_overlap(zone: str) -> None:
    for day in (date(2005, 1, 1) + timedelta(days=n) for n in range(4000)):
        begins, ends = day_bounds(zone, day)
        assert begins < datetime.combine(day, time(12), ZoneInfo(zone)).timestamp() < ends
        assert ends == day_bounds(zone, day + timedelta(days=1))[0]


@settings(max_examples=200)
@given(
    zones,
    days,
    st.integers(0, 10),
    st.dictionaries(st.integers(0, 6), st.lists(st.tuples(quarters, quarters), max_size=3)),
)
def test_shifts_are_sorted_join_or_are_apart_and_touch_the_dates_asked_for(
    zone: str, first: date, more: int, weekly: dict[int, list[LocalRange]]
) -> None:
    last = first + timedelta(days=more)
    found = working_intervals(weekly, zone, first, last)
    assert all(begins < ends for begins, ends in found)
    assert all(one[0] < other[0] for one, other in pairwise(found))
    assert all(one[1] in (other[1], min(one[1], other[0] - 1)) for one, other in pairwise(found))
    opens_at, closes_at = day_bounds(zone, first)[0], day_bounds(zone, last)[1]
    assert all(begins < closes_at and ends > opens_at for begins, ends in found)


def by_the_wall_clock(
    zone: str, weekly: dict[int, list[LocalRange]], first: int, last: int
) -> set[int]:
    """Return the quarter hours that the wall clock shows to lie within the weekly hours."""
    shown = set()
    for instant in range(first, last, 900):
        local = datetime.fromtimestamp(instant, ZoneInfo(zone))
        today, eve = local.weekday(), (local.weekday() - 1) % 7
        now = local.time().replace(fold=0)
        if any(
            starts_at <= now and (now < ends_at or ends_at <= starts_at)
            for starts_at, ends_at in weekly.get(today, [])
        ) or any(now < ends_at <= starts_at for starts_at, ends_at in weekly.get(eve, [])):
            shown.add(instant)
    return shown


@settings(max_examples=60)
@given(
    st.sampled_from([BERLIN, "Asia/Kathmandu", LORD_HOWE]),
    st.dates(date(2026, 5, 1), date(2026, 9, 20)),
    st.dictionaries(st.integers(0, 6), st.lists(st.tuples(quarters, quarters), max_size=3)),
)
def test_away_from_clock_changes_work_is_when_the_wall_clock_says_so(
    zone: str, first: date, weekly: dict[int, list[LocalRange]]
) -> None:
    opens_at, closes_at = day_bounds(zone, first)[0], day_bounds(zone, first + timedelta(days=2))[1]
    found = working_intervals(weekly, zone, first, first + timedelta(days=2))
    covered = {
        instant
        for instant in range(opens_at, closes_at, 900)
        if any(begins <= instant < ends for begins, ends in found)
    }
    assert covered == by_the_wall_clock(zone, weekly, opens_at, closes_at)
