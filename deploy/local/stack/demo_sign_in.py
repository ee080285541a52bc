"""Who may sign in to the demo studio, and whether it has been loaded."""

from pathlib import Path

SLUG = "core-berlin"
EMAIL = "owner@core-berlin.example"
PASSWORD = "reformer-am-landwehrkanal"  # noqa: S105 - printed on the terminal of a local demo


def marker(home: Path) -> Path:
    return home / "demo-loaded"
