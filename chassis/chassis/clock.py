"""Now is an input, so that every rule can be tested at its boundary."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


class FileClock:
    """Reads an ISO 8601 instant from a file at every call, so that rewriting it moves time.

    A file that is missing, half written or without offset leaves time where it was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = system_clock()

    def __call__(self) -> datetime:
        try:
            read = datetime.fromisoformat(self._path.read_text().strip())
        except (OSError, ValueError):
            return self._last
        if read.tzinfo is not None:
            self._last = read.astimezone(UTC)
        return self._last


def clock_from(path: Path | None) -> Clock:
    return FileClock(path) if path else system_clock
