"""Stops knocking where nobody opens, and notices soon when somebody is back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OPENS_AFTER = 5
PAUSE_SECONDS = 1


class Unreachable(Exception):
    """No connection was made, so nothing was sent."""


class Breaker:
    """Counts failed connections in a row. Slow answers and refusals are answers."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._tries_again_at = 0.0
        self._probing = False

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """While open, one attempt a second goes through to see whether somebody is back."""
        probes = self._failures >= OPENS_AFTER
        if probes and (self._probing or self._monotonic() < self._tries_again_at):
            raise Unreachable
        self._probing = probes
        try:
            yield
        except Unreachable:
            self._failures += 1
            self._tries_again_at = self._monotonic() + PAUSE_SECONDS
            raise
        except Exception:
            self._failures = 0
            raise
        else:
            self._failures = 0
        finally:
            if probes:
                self._probing = False
