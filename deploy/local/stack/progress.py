"""What a person sees while the stack starts: one line per thing that happened."""

import sys
import time


class Progress:
    def __init__(self, started: float | None = None) -> None:
        """`started` is by the monotonic clock, which all processes of a machine share."""
        self.started = time.monotonic() if started is None else started

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def say(self, words: str) -> None:
        sys.stdout.write(f"{self.seconds():6.1f} s  {words}\n")
        sys.stdout.flush()

    def show(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
