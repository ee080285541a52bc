"""How much one address, person or business may ask in a period.

The windows are ours and not those of `limits`, whose memory storage walks over every key it holds
on each hit (1.2 ms at 10,000 addresses, measured): a flood would have slowed down everybody.
"""

import math
import time
from collections.abc import Callable
from uuid import UUID

import limits

from chassis.problems import TooManyRequests


class SlidingWindow:
    """Counts per key in two fixed windows and weighs the older by what is left of it.

    Memory is bounded by what two periods let in.
    """

    def __init__(
        self, limit: limits.RateLimitItem, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = limit.amount
        self._period_seconds = limit.get_expiry()
        self._monotonic = monotonic
        self._started_at = monotonic()
        self._current: dict[object, int] = {}
        self._previous: dict[object, int] = {}

    def take(self, key: object) -> None:
        """Raises TooManyRequests, with the seconds after which there is room again."""
        elapsed = self._turn()
        current, previous = self._current.get(key, 0), self._previous.get(key, 0)
        left = 1 - elapsed / self._period_seconds
        if current + previous * left + 1 <= self._most:
            self._current[key] = current + 1
            return
        if current + 1 <= self._most:
            wait = left - (self._most - current - 1) / previous
        else:
            # Then this window is the older one, and has to fade as well.
            wait = left + 1 - (self._most - 1) / current
        wait_seconds = math.ceil(wait * self._period_seconds)
        raise TooManyRequests(retry_after_seconds=max(1, wait_seconds))

    def _turn(self) -> float:
        """Seconds since the current window began; begins a new one when it is over."""
        elapsed = self._monotonic() - self._started_at
        if elapsed >= self._period_seconds:
            both = elapsed < 2 * self._period_seconds
            self._previous, self._current = (self._current if both else {}), {}
            self._started_at += elapsed // self._period_seconds * self._period_seconds
            elapsed %= self._period_seconds
        return elapsed


class Allowances:
    def __init__(
        self,
        *,
        per_address: limits.RateLimitItem,
        per_principal: limits.RateLimitItem,
        per_business: limits.RateLimitItem,
        sign_in: limits.RateLimitItem,
    ) -> None:
        self._addresses = SlidingWindow(per_address)
        self._principals = SlidingWindow(per_principal)
        self._businesses = SlidingWindow(per_business)
        self._sign_ins = SlidingWindow(sign_in)

    def take_for_address(self, network: str, *, strict: bool) -> None:
        self._addresses.take(network)
        if strict:
            self._sign_ins.take(network)

    def take_for_member(self, member_id: UUID, business_id: UUID) -> None:
        self._principals.take(member_id)
        self._businesses.take(business_id)

    def take_for_page(self, slug: str) -> None:
        self._businesses.take(slug)
