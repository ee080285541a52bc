"""The slots of a day are the same whichever dates are asked for."""

from datetime import date, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduling.slots.free_slots import SlotShape, free_slots
from scheduling.slots.refusal import why_not
from scheduling.slots.staff_time import StaffTime
from scheduling.working_hours.local_hours import LocalRange, day_bounds, working_intervals

BERLIN, LORD_HOWE, CAIRO = "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"
MONDAY = date(2026, 6, 1)
ONE_DAY = timedelta(days=1)
ALWAYS_OPEN = {weekday: [(time(0), time(0))] for weekday in range(7)}
FIFTY_MINUTES = SlotShape(duration=3600, buffer_before=0, buffer_after=0, step=3000)

quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
ranges = st.tuples(quarters, quarters) | st.just((time(0), time(0)))
weeks = st.dictionaries(st.integers(0, 6), st.lists(ranges, max_size=3)) | st.just(ALWAYS_OPEN)
change_overs = st.sampled_from([date(2027, 3, 28), date(2026, 10, 25), date(2026, 10, 4)])
first_days = st.builds(
    lambda day, before: day - before * ONE_DAY,
    st.dates(date(2020, 1, 1), date(2032, 12, 31)) | change_overs,
    st.integers(0, 6),
)
shapes = st.builds(
    lambda lasts, step: SlotShape(lasts * 300, 0, 0, step * 300),
    st.integers(1, 24),
    st.integers(1, 24),
)


def hours_of(
    weekly: dict[int, list[LocalRange]], zone: str, first: date, last: date
) -> list[tuple[int, int]]:
    # As whoever asks for these dates reads them.
    return working_intervals(weekly, zone, first, last + ONE_DAY)


@settings(max_examples=200)
@example(BERLIN, ALWAYS_OPEN, MONDAY, FIFTY_MINUTES)
@given(st.sampled_from([BERLIN, LORD_HOWE, CAIRO]), weeks, first_days, shapes)
def test_a_day_asked_alone_has_the_slots_that_it_has_in_its_week(
    zone: str, weekly: dict[int, list[LocalRange]], first: date, shape: SlotShape
) -> None:
    week = hours_of(weekly, zone, first, first + 6 * ONE_DAY)
    for day in (first + n * ONE_DAY for n in range(7)):
        alone, bounds = hours_of(weekly, zone, day, day), day_bounds(zone, day)
        offered = list(free_slots(week, [], shape, bounds))
        assert offered == list(free_slots(alone, [], shape, bounds))
        assert not any(why_not(start, StaffTime(alone), shape) for start in offered)


def test_the_grid_begins_anew_with_each_shift_though_an_appointment_runs_across() -> None:
    weekly = {0: [(time(9), time(12)), (time(12), time(14))]}
    working = hours_of(weekly, BERLIN, MONDAY, MONDAY)
    offered = list(free_slots(working, [], FIFTY_MINUTES, day_bounds(BERLIN, MONDAY)))
    nine = working[0][0]
    assert [(start - nine) // 60 for start in offered] == [0, 50, 100, 150, 180, 230]
