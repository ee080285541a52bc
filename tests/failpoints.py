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


def as_setting() -> dict[str, str]:
    every = TIMES | {REFUND: 1}
    return {"BOOKLY_FAILPOINT": ",".join(f"{name}:kill9:{times}" for name, times in every.items())}


def disarm(home: Path) -> None:
    for name, times in (TIMES | {REFUND: 1}).items():
        _write(home, name, times)


def arm(home: Path) -> None:
    for name in TIMES:
        _write(home, name, 0)


def arm_refund(home: Path) -> None:
    _write(home, REFUND, 0)


def fired(home: Path) -> dict[str, int]:
    return {name: int((home / "failpoints" / name).read_text() or 0) for name in TIMES}


def _write(home: Path, name: str, times: int) -> None:
    # Replaced and not rewritten, so that nobody reads it while it is empty.
    counter = home / "failpoints" / name
    counter.parent.mkdir(parents=True, exist_ok=True)
    draft = counter.with_suffix(".draft")
    draft.write_text(str(times))
    draft.replace(counter)
