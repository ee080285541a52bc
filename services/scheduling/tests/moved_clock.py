from datetime import UTC, datetime
from pathlib import Path

TODAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
"""So that dates in tests stay in the future."""


class MovedClock:
    """Time as the tests of boundaries want it; a day before all of them otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, instant: str) -> None:
        self.path.write_text(instant)

    def unset(self) -> None:
        self.set(TODAY.isoformat())
