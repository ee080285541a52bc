"""One slow service fills its own line, and nobody else's."""

import asyncio
from types import TracebackType

from chassis.problems import TryAgain


class Bulkhead:
    """So many at a time; the next ones wait in order of arrival, and not for ever."""

    def __init__(self, *, in_flight: int, waiting: int, patience_seconds: float) -> None:
        self._places = asyncio.Semaphore(in_flight)
        self._max_waiting = waiting
        self._patience_seconds = patience_seconds
        self.waiting = 0

    @property
    def is_full(self) -> bool:
        return self._places.locked()

    async def __aenter__(self) -> None:
        if not self.is_full:
            await self._places.acquire()
            return
        if self.waiting >= self._max_waiting:
            raise TryAgain("Too many are waiting already. Nothing was done.")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise TryAgain("The line is too long right now. Nothing was done.") from None
        finally:
            self.waiting -= 1

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._places.release()
