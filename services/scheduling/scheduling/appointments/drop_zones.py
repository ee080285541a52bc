"""Where an appointment may be dropped: sets of starts, as intervals of epoch seconds.

An appointment begins on a whole minute, so every bound is rounded up to one: the half-open interval
then holds the same starts as before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal, NamedTuple

from scheduling.slots.free_slots import Interval, SlotShape
from scheduling.slots.refusal import REFUSALS_BY_WEIGHT, Refusal
from scheduling.slots.staff_time import StaffTime

MINUTE = 60
Told = Refusal | Literal["working"]


class Zone(NamedTuple):
    begins: int
    ends: int
    reason: Refusal | None
    """None: it may begin here."""


def drop_zones(time: StaffTime, shape: SlotShape, starts: Interval) -> list[Zone]:
    """Divide `starts` into zones, in order and without gaps, neighbours of different reasons.

    Agrees with `why_not` for every whole minute, but for the grid, which does not bind the studio.
    """
    changes: dict[int, Counter[Told]] = defaultdict(Counter)
    for what, intervals in starts_by(time, shape).items():
        for begins, ends in intervals:
            if rounded_up(begins) < rounded_up(ends):
                changes[rounded_up(begins)][what] += 1
                changes[rounded_up(ends)][what] -= 1

    first, until = map(rounded_up, starts)
    cuts = sorted(changes)
    covered: Counter[Told] = Counter()
    for cut in cuts:
        if cut <= first:
            covered.update(changes[cut])
    zones: list[Zone] = []
    for begins, ends in pairwise([first, *(cut for cut in cuts if first < cut < until), until]):
        if begins > first:
            covered.update(changes[begins])
        add(zones, Zone(begins, ends, weightiest(covered)))
    return zones


def starts_by(time: StaffTime, shape: SlotShape) -> dict[Told, Iterable[Interval]]:
    """The starts that each reason forbids, and those at which the person works long enough."""
    duration, before, after, _ = shape
    return {
        "busy": ((b - duration - after + 1, e + before) for b, e in time.busy),
        "busy_elsewhere": ((b - duration - after + 1, e + before) for b, e in time.elsewhere),
        "time_off": ((b - duration + 1, e) for b, e in time.off),
        "daily_limit": time.full,
        "working": ((opens, closes - duration + 1) for opens, closes in time.working),
    }


def weightiest(covered: Counter[Told]) -> Refusal | None:
    reasons = {what for what, count in covered.items() if count and what != "working"}
    if not covered["working"]:
        reasons.add("outside_hours")
    return next((reason for reason in REFUSALS_BY_WEIGHT if reason in reasons), None)


def add(zones: list[Zone], zone: Zone) -> None:
    if zone.begins >= zone.ends:
        return
    if zones and zones[-1].reason == zone.reason:
        zone = zones.pop()._replace(ends=zone.ends)
    zones.append(zone)


def rounded_up(second: int) -> int:
    return -(-second // MINUTE) * MINUTE
