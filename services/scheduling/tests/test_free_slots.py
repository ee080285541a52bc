from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.slots.free_slots import Interval, SlotShape, free_slots
from scheduling.slots.refusal import why_not
from scheduling.slots.staff_time import StaffTime
from scheduling.slots.suggestions import Edges

ALWAYS = (-(10**10), 10**10)
QUARTER_HOURS = SlotShape(duration=3600, buffer_before=0, buffer_after=0, step=900)


def at(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def clocks(starts: Iterator[int]) -> list[str]:
    return [f"{start // 3600:02}:{start % 3600 // 60:02}" for start in starts]


def naive(
    working: list[Interval], busy: list[Interval], shape: SlotShape, starts: Interval
) -> list[int]:
    return [
        start
        for number, (opens, closes) in enumerate(working)
        for start in range(opens, closes - shape.duration + 1, shape.step)
        if all(start < next_opens for next_opens, _ in working[number + 1 :])
        and starts[0] <= start < starts[1]
        and all(
            start + shape.duration + shape.buffer_after <= begins
            or ends <= start - shape.buffer_before
            for begins, ends in busy
        )
    ]


@st.composite
def disjoint(draw: st.DrawFn) -> list[Interval]:
    """Neighbours may touch, as shifts that are handed over do."""
    lengths = st.tuples(st.integers(0, 30), st.integers(1, 60))
    intervals, end = [], draw(st.integers(-20, 20))
    for pause, length in draw(st.lists(lengths, max_size=5)):
        intervals.append((end + pause, end + pause + length))
        end += pause + length
    return intervals


@st.composite
def shifts(draw: st.DrawFn) -> list[Interval]:
    """Sorted, some of them joined: these close together."""
    found = []
    for opens, closes in draw(disjoint()):
        joins = draw(st.sets(st.integers(opens, closes - 1), max_size=3))
        found += [(begins, closes) for begins in sorted({opens, *joins})]
    return found


overlapping = st.lists(
    st.tuples(st.integers(-60, 300), st.integers(1, 80)).map(lambda b: (b[0], b[0] + b[1])),
    max_size=10,
).map(sorted)
shapes = st.builds(
    SlotShape, st.integers(1, 30), st.integers(0, 12), st.integers(0, 12), st.integers(1, 17)
)
bounds = st.tuples(st.integers(-40, 200), st.integers(-40, 400)) | st.just(ALWAYS)


@settings(max_examples=300)
@given(shifts(), overlapping, shapes, bounds)
def test_offers_exactly_what_trying_every_start_against_every_appointment_offers(
    working: list[Interval], busy: list[Interval], shape: SlotShape, starts: Interval
) -> None:
    assert list(free_slots(working, busy, shape, starts)) == naive(working, busy, shape, starts)


@settings(max_examples=200)
@given(shifts(), overlapping, shapes)
def test_whatever_is_offered_can_be_booked_and_is_then_no_longer_offered(
    working: list[Interval], busy: list[Interval], shape: SlotShape
) -> None:
    for start in free_slots(working, busy, shape, ALWAYS):
        begins = start - shape.buffer_before
        ends = start + shape.duration + shape.buffer_after
        assert all(ends <= other[0] or other[1] <= begins for other in busy)
        taken = sorted([*busy, (begins, ends)])
        assert start not in free_slots(working, taken, shape, ALWAYS)


@pytest.mark.parametrize(
    ("start", "offered"),
    [
        ("08:50", True),
        ("08:55", False),
        ("10:00", False),
        ("11:05", False),
        ("11:10", True),
    ],
)
def test_buffers_of_neighbours_add_up(start: str, offered: bool) -> None:
    ten_o_clock = (at("10:00") - at("0:05"), at("10:55") + at("0:10"))
    shape = SlotShape(at("0:55"), at("0:05"), at("0:10"), step=at("0:05"))
    found = clocks(free_slots([(at("08:00"), at("18:00"))], [ten_o_clock], shape, ALWAYS))
    assert (start in found) is offered


def test_an_appointment_stays_inside_working_hours_and_its_buffers_need_not() -> None:
    shape = SlotShape(at("1:00"), at("0:30"), at("0:30"), step=at("0:30"))
    found = clocks(free_slots([(at("09:00"), at("11:00"))], [], shape, ALWAYS))
    assert found == ["09:00", "09:30", "10:00"]


def test_an_appointment_outside_working_hours_keeps_its_distance_to_those_inside() -> None:
    before, after = (at("08:00"), at("09:00")), (at("11:00"), at("12:00"))
    shape = SlotShape(at("1:00"), at("0:15"), at("0:15"), step=at("0:15"))
    found = clocks(free_slots([(at("09:00"), at("11:00"))], [before, after], shape, ALWAYS))
    assert found == ["09:15", "09:30", "09:45"]


def test_a_gap_of_exactly_the_duration_between_two_appointments_is_one_slot() -> None:
    busy = [(at("09:00"), at("10:00")), (at("11:00"), at("12:00"))]
    found = clocks(free_slots([(at("09:00"), at("12:00"))], busy, QUARTER_HOURS, ALWAYS))
    assert found == ["10:00"]


def test_the_grid_begins_with_each_working_interval_and_ignores_where_appointments_end() -> None:
    working = [(at("09:10"), at("12:00")), (at("13:05"), at("14:30"))]
    busy = [(at("09:00"), at("10:03"))]
    shape = SlotShape(at("1:00"), 0, 0, step=at("0:20"))
    assert clocks(free_slots(working, busy, shape, ALWAYS)) == [
        *("10:10", "10:30", "10:50"),
        *("13:05", "13:25"),
    ]


def test_a_long_absence_hides_shorter_ones_and_reaches_into_the_next_working_interval() -> None:
    working = [(at("09:00"), at("12:00")), (at("13:00"), at("16:00"))]
    busy = [(at("10:00"), at("14:30")), (at("10:15"), at("10:30")), (at("13:00"), at("13:30"))]
    assert clocks(free_slots(working, busy, QUARTER_HOURS, ALWAYS)) == [
        *("09:00", "14:30", "14:45", "15:00"),
    ]


def test_the_earliest_start_is_offered_and_the_end_of_the_horizon_is_not() -> None:
    working = [(at("09:00"), at("18:00"))]
    found = clocks(free_slots(working, [], QUARTER_HOURS, (at("10:15"), at("11:00"))))
    assert found == ["10:15", "10:30", "10:45"]


def test_notice_that_ends_between_two_starts_leaves_the_later_one_on_the_grid() -> None:
    working = [(at("09:00"), at("18:00"))]
    found = clocks(free_slots(working, [], QUARTER_HOURS, (at("10:16"), at("11:00"))))
    assert found == ["10:30", "10:45"]


def test_working_hours_shorter_than_the_appointment_offer_nothing() -> None:
    assert not list(free_slots([(at("09:00"), at("09:59"))], [], QUARTER_HOURS, ALWAYS))


times = st.builds(
    StaffTime,
    working=shifts(),
    busy=overlapping,
    elsewhere=overlapping,
    off=overlapping,
    full=overlapping,
)


@settings(max_examples=150)
@given(times, shapes)
def test_a_start_is_offered_or_there_is_a_reason_why_not(time: StaffTime, shape: SlotShape) -> None:
    offered = set(free_slots(time.working, time.blocking(shape), shape, ALWAYS))
    assert offered == {start for start in range(-60, 700) if not why_not(start, time, shape)}


@settings(max_examples=300)
@given(shifts(), overlapping, shapes)
def test_what_fits_snugly_leaves_room_for_another_one_or_none_at_all(
    working: list[Interval], busy: list[Interval], shape: SlotShape
) -> None:
    edges = Edges(working, busy)
    anywhere = shape._replace(step=1)
    free = list(free_slots(working, busy, anywhere, ALWAYS))
    for start in free:
        taken = (start - shape.buffer_before, start + shape.duration + shape.buffer_after)
        left = set(free_slots(working, sorted([*busy, taken]), anywhere, ALWAYS))
        _, closes = next(w for w in working if w[0] <= start < w[1])
        opens = min(w[0] for w in working if w[1] == closes)
        walls_before = [opens, *(e for _, e in busy if e <= taken[0])]
        walls_after = [closes, *(b for b, _ in busy if b >= taken[1])]
        touches_before = taken[0] <= opens or taken[0] in walls_before
        touches_after = taken[1] >= closes or taken[1] in walls_after
        room_before = any(max(walls_before) <= other < start for other in left)
        room_after = any(start < other < min(walls_after) for other in left)
        snug = (touches_before or room_before) and (touches_after or room_after)
        assert edges.fits_snugly(start, shape) == snug
