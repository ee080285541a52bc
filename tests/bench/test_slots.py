"""Slots by subtracting intervals, against trying every start against every appointment."""

import random
import time
from collections.abc import Callable
from statistics import median

from scheduling.slots.free_slots import Interval, SlotShape, free_slots
from tests.bench.conftest import Measured

DAY = 24 * 3600
DAYS, STAFF, ROUNDS = 30, 5, 15
SHAPE = SlotShape(duration=3300, buffer_before=0, buffer_after=300, step=900)
WORKING = [(day * DAY + 9 * 3600, day * DAY + 17 * 3600) for day in range(DAYS)]
STARTS = (0, DAYS * DAY)


def fast(busy: list[Interval]) -> list[int]:
    return list(free_slots(WORKING, busy, SHAPE, STARTS))


def naive(busy: list[Interval]) -> list[int]:
    return [
        start
        for opens, closes in WORKING
        for start in range(opens, closes - SHAPE.duration + 1, SHAPE.step)
        if all(
            start + SHAPE.duration + SHAPE.buffer_after <= begins or ends <= start
            for begins, ends in busy
        )
    ]


def milliseconds(
    find: Callable[[list[Interval]], list[int]], calendars: list[list[Interval]]
) -> float:
    begun = time.perf_counter()
    for busy in calendars:
        find(busy)
    return (time.perf_counter() - begun) * 1000


def test_slots_of_five_people_for_thirty_days(measured: Measured) -> None:
    chance = random.Random(1)
    calendars = [
        sorted(
            (start, start + 3600)
            for opens, closes in WORKING
            for start in range(opens, closes, 3600)
            if chance.random() < 0.6
        )
        for _ in range(STAFF)
    ]
    assert [fast(busy) for busy in calendars] == [naive(busy) for busy in calendars]
    rounds = [
        (milliseconds(fast, calendars), milliseconds(naive, calendars)) for _ in range(ROUNDS)
    ]
    fast_ms, naive_ms = (median(column) for column in zip(*rounds, strict=True))
    measured(
        "slots, 5 people for 30 days: subtraction / naive loop",
        fast_ms / naive_ms,
        goal=0.1,
        fast_ms=fast_ms,
        naive_ms=naive_ms,
    )
