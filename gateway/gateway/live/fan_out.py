"""One consumer a process, however many streams are open."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from nats.aio.msg import Msg

from chassis.problems import TryAgain
from chassis.runtime import Connected
from gateway.live import source
from gateway.live.changes import Change

SILENCE_SECONDS = 3 * source.HEARTBEAT_SECONDS
REMEMBERED = 1000
"""The newest changes, of all businesses: after a short cut nobody has to ask NATS."""


class Listener(Protocol):
    business_id: str

    def offer(self, change: Change) -> None: ...
    def lose(self) -> None:
        """What it missed will not come any more."""


class FanOut:
    """Gives each listener every change of its business, in order and once.

    `position` is the sequence up to which that is done; a listener gets all that follows the
    position at which it entered.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.position = -1
        self._made: str | None = None
        self._has_caught_up = asyncio.Event()
        self._caught_up_at = 0
        self._recent = deque[Change](maxlen=remembered)
        self._listeners: dict[str, set[Listener]] = {}
        self._delivered = 0
        self._heard_at = 0.0
        self._has_gap = asyncio.Event()

    async def be_ready(self) -> None:
        """Raises TryAgain while nothing is known of the stream."""
        try:
            async with asyncio.timeout(2):
                await self._has_caught_up.wait()
        except TimeoutError:
            raise TryAgain("Live updates are not available right now.") from None

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        listeners = self._listeners.setdefault(listener.business_id, set())
        listeners.add(listener)
        try:
            yield
        finally:
            listeners.discard(listener)
            if not listeners and self._listeners.get(listener.business_id) is listeners:
                del self._listeners[listener.business_id]

    def since(self, sequence: int, business_id: str) -> list[Change] | None:
        """What followed, up to the position; None where that is not remembered."""
        if sequence < self.position and (
            not self._recent or sequence + 1 < self._recent[0].sequence
        ):
            return None
        return [
            change
            for change in self._recent
            if change.sequence > sequence and change.business_id == business_id
        ]

    async def follow(self, runtime: Connected) -> None:
        """A loop: ends when there is a gap or silence, and goes on where it was."""
        await source.ensure_live_stream(runtime)
        await self._find_position(runtime)
        self._delivered, self._heard_at = 0, time.monotonic()
        self._has_gap.clear()
        inbox = runtime.nats.new_inbox()
        subscription = await runtime.nats.subscribe(inbox, cb=self._take)
        try:
            await source.deliver(runtime, inbox, after=self.position)
            while time.monotonic() - self._heard_at < SILENCE_SECONDS:
                if self._has_gap.is_set():
                    return
                await asyncio.sleep(source.HEARTBEAT_SECONDS / 2)
        finally:
            await subscription.unsubscribe()

    async def _find_position(self, runtime: Connected) -> None:
        """At the start a little back in time; later where we were, if that is still there."""
        made, state = await source.made_and_state(runtime)
        is_same, self._made = made == self._made, made
        if is_same and state.first_seq <= self.position + 1 <= state.last_seq + 1:
            return
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.lose()
        self._recent.clear()
        oldest = max(state.first_seq, state.last_seq - (self._recent.maxlen or 0) + 1, 1)
        self.position, self._caught_up_at = oldest - 1, state.last_seq
        self._look_whether_caught_up()

    async def _take(self, message: Msg) -> None:
        self._heard_at = time.monotonic()
        if message.headers and "Status" in message.headers:
            last = message.headers.get("Nats-Last-Consumer")
            if last is not None and int(last) != self._delivered:
                self._has_gap.set()
            return
        place = message.metadata.sequence
        if place.consumer != self._delivered + 1:
            self._has_gap.set()
        if self._has_gap.is_set():
            return
        self._delivered = place.consumer
        self._hand_out(Change(place.stream, message.subject, message.data))

    def _hand_out(self, change: Change) -> None:
        self.position = change.sequence
        self._recent.append(change)
        for listener in self._listeners.get(change.business_id, ()):
            listener.offer(change)
        if not self._has_caught_up.is_set():
            self._look_whether_caught_up()

    def _look_whether_caught_up(self) -> None:
        if self.position >= self._caught_up_at:
            self._has_caught_up.set()
