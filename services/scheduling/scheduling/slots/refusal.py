from typing import Literal

from scheduling.slots.free_slots import Interval, SlotShape
from scheduling.slots.staff_time import StaffTime

Refusal = Literal["busy", "busy_elsewhere", "time_off", "daily_limit", "off_grid", "outside_hours"]

REFUSALS_BY_WEIGHT: tuple[Refusal, ...] = (
    "busy",
    "busy_elsewhere",
    "daily_limit",
    "off_grid",
    "time_off",
    "outside_hours",
)
"""Of several people's reasons, the one that tells the client most comes first."""

NOT_FOR_THE_STUDIO: frozenset[Refusal] = frozenset({"off_grid"})
FORCED: frozenset[Refusal] = NOT_FOR_THE_STUDIO | {
    "outside_hours",
    "time_off",
    "daily_limit",
    "busy_elsewhere",
}
"""What the studio overrules if it means to: all but another claim."""


def why_not(start: int, time: StaffTime, shape: SlotShape) -> set[Refusal]:
    """Every reason why one start is not offered; none if it is.

    Agrees with `free_slots` for every start: what one offers, the other does not refuse.
    """
    ends = start + shape.duration
    reasons: set[Refusal] = set()
    # The last to open: its grid is the one that holds.
    shift = next((s for s in reversed(time.working) if s[0] <= start and ends <= s[1]), None)
    if shift is None:
        reasons.add("outside_hours")
    elif (start - shift[0]) % shape.step:
        reasons.add("off_grid")
    blocked = (start - shape.buffer_before, ends + shape.buffer_after)
    if overlaps(blocked, time.busy):
        reasons.add("busy")
    if overlaps(blocked, time.elsewhere):
        reasons.add("busy_elsewhere")
    if overlaps((start, ends), time.off):
        reasons.add("time_off")
    if overlaps((start, start + 1), time.full):
        reasons.add("daily_limit")
    return reasons


def overlaps(wanted: Interval, taken: list[Interval]) -> bool:
    return any(begins < wanted[1] and wanted[0] < ends for begins, ends in taken)
