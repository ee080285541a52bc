"""Failpoints that wait until a test arms them.

A failpoint counts how often it has fired in a file of the stack's home. With that file saying
"often enough" nothing happens; with zero written to it, the next process there is killed.
"""

from pathlib import Path

TIMES = {
    "scheduling.after-commit": 3,
    "catalog.after-commit": 1,
    "scheduling.before-publish": 2,
    "scheduling.after-publish": 2,
    "catalog.after-publish": 1,
    "scheduling.before-ack": 1,
    "catalog.before-ack": 2,
    "pilates.before-ack": 1,
    "notifications.before-ack": 2,
    "notifications.before-smtp-data": 2,
    "notifications.after-smtp-data": 2,
}

REFUND = "scheduling.after-refund"
"""Armed by itself: a crowd that books does not come by there."""

TWO_OWNERS = {
    "scheduling.before-appointment-hold": 2,
    "scheduling.after-appointment-hold": 2,
    "pilates.before-holding": 2,
    "pilates.after-commit": 2,
}
"""Armed one after another, as appointments with a machine and a credit are booked and changed."""
APART = TWO_OWNERS | {REFUND: 1}


def as_setting() -> dict[str, str]:
    every = TIMES | APART
    return {"BOOKLY_FAILPOINT": ",".join(f"{name}:kill9:{times}" for name, times in every.items())}


def disarm(home: Path) -> None:
    for name, times in (TIMES | APART).items():
        _write(home, name, times)


def arm(home: Path) -> None:
    for name in TIMES:
        _write(home, name, 0)


def arm_refund(home: Path) -> None:
    _write(home, REFUND, 0)


def arm_once(home: Path, name: str) -> None:
    """The next that comes by there is killed."""
    _write(home, name, (TIMES | APART)[name] - 1)


def has_fired(home: Path, name: str) -> bool:
    return int((home / "failpoints" / name).read_text() or 0) == (TIMES | APART)[name]


def fired(home: Path) -> dict[str, int]:
    return {name: int((home / "failpoints" / name).read_text() or 0) for name in TIMES}


def _write(home: Path, name: str, times: int) -> None:
    # Replaced and not rewritten, so that nobody reads it while it is empty.
    counter = home / "failpoints" / name
    counter.parent.mkdir(parents=True, exist_ok=True)
    draft = counter.with_suffix(".draft")
    draft.write_text(str(times))
    draft.replace(counter)
