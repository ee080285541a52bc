"""A peer prepares itself, and then measures one round for each line it is told."""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def told() -> Any:
    """What the bench has to say before the first round."""
    return json.loads(sys.stdin.readline())


def answer_rounds(one: Callable[[], int]) -> None:
    """`one` answers with how much it found, which shows that it worked."""
    answer({"ready": True})
    for _ in sys.stdin:
        begun = time.perf_counter()
        found = one()
        answer({"seconds": time.perf_counter() - begun, "found": found})


def answer(what: dict[str, Any]) -> None:
    os.write(OUT, json.dumps(what).encode() + b"\n")


# Whatever a library prints is not an answer.
OUT = os.dup(1)
os.dup2(2, 1)
