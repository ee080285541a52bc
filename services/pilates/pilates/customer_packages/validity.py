"""Until when a package is valid: whole local days, moved by those on which it is frozen."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol

ONE_DAY = timedelta(days=1)


class Frozen(Protocol):
    @property
    def first_on(self) -> date: ...

    @property
    def last_on(self) -> date | None: ...


def is_frozen(freezes: Iterable[Frozen], day: date) -> bool:
    return any(
        one.first_on <= day and (one.last_on is None or day <= one.last_on) for one in freezes
    )


def expiry(
    runs_until: date | None, starts_on: date | None, freezes: Sequence[Frozen]
) -> date | None:
    """The last day, in whose stead others come for each frozen one; None as long as that is open.

    A freeze that would begin when it is over moves nothing.
    """
    if runs_until is None:
        return None
    last_day = runs_until
    for freeze in sorted(freezes, key=lambda one: one.first_on):
        begins = max(freeze.first_on, starts_on or freeze.first_on)
        if begins > last_day:
            break
        if freeze.last_on is None:
            return None
        last_day += max(timedelta(0), freeze.last_on - begins + ONE_DAY)
    return last_day


def runs_until_reaching(
    last_day: date, runs_until: date | None, starts_on: date | None, freezes: Sequence[Frozen]
) -> date:
    """How long it runs, frozen days left out, so that it is valid on `last_day` as well."""
    ends = [(one.first_on, one.last_on) for one in freezes if one.last_on is not None]
    frozen = sum((last - first + ONE_DAY for first, last in ends), timedelta(0))
    # No freeze moves the end by more than its own days, so nothing earlier reaches that day.
    wanted = max(runs_until or date.min, last_day - frozen)
    while (found := expiry(wanted, starts_on, freezes)) is not None and found < last_day:
        wanted += ONE_DAY
    return wanted
