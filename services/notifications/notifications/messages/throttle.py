"""So many mails a minute of one business: a token bucket each."""

from uuid import UUID

BURST_SECONDS = 5
"""Of the rate may go at once, as when a class is cancelled."""
REMEMBERED = 10_000


class Throttle:
    def __init__(self, mails_per_minute: int) -> None:
        self._per_second = mails_per_minute / 60
        self._burst = max(1.0, self._per_second * BURST_SECONDS)
        self._left: dict[UUID, tuple[float, float]] = {}
        """What was left, and when."""

    def lets_pass(self, business_id: UUID, now: float) -> bool:
        """Takes one of the tokens, if there is one; `now` counts seconds and never goes back."""
        left, at = self._left.get(business_id, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        passes = left >= 1
        self._left[business_id] = (left - 1 if passes else left, now)
        if len(self._left) > REMEMBERED:
            self._forget_the_rested(now)
        return passes

    def _forget_the_rested(self, now: float) -> None:
        """Whose bucket is full again by now is as good as never seen."""
        full_after = self._burst / self._per_second
        self._left = {
            id_: (left, at) for id_, (left, at) in self._left.items() if now - at < full_after
        }
