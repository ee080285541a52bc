"""What a person sees while the stack starts: one line per thing that happened."""

import sys
import time


class Progress:
    def __init__(self) -> None:
        self._started = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._started

    def say(self, words: str) -> None:
        sys.stdout.write(f"{self.seconds():6.1f} s  {words}\n")
        sys.stdout.flush()

    def show(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
