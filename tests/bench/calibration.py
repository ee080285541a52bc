"""CPU time as it would be on the reference: a core that does a fixed loop in 6 ms."""

import time
from collections.abc import Callable

REFERENCE_SECONDS = 0.006
STEPS = 100_000
TURNS = 20


def loop_seconds() -> float:
    """Integers added and compared, which is what the measured function does too."""
    begun = time.process_time()
    total, bound = 0, 0
    for step in range(STEPS):
        total += step
        if total > bound:
            bound = total + step
    return time.process_time() - begun


def at_reference_speed(measure: Callable[[], float]) -> float:
    """Seconds of CPU, scaled by how fast this core was in between.

    In small turns, since a neighbour on the same core makes both slower while it is there.
    """
    calibrated = measured = 0.0
    for _ in range(TURNS):
        calibrated += loop_seconds()
        measured += measure()
    return measured / calibrated * REFERENCE_SECONDS
