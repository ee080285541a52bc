"""The texts of feeds that are read often, each as long as its owner says that it is still so."""

from collections import OrderedDict
from collections.abc import Hashable

MOST_BYTES = 32 * 1024 * 1024


BYTES_AROUND = 200
"""What a place costs besides its text, so that empty feeds have a bound as well."""


class KeptTexts:
    """Bounded: what has not been asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._texts = OrderedDict[Hashable, tuple[str, bytes]]()
        self._bytes = 0

    def get(self, place: Hashable) -> tuple[str, bytes] | None:
        found = self._texts.get(place)
        if found:
            self._texts.move_to_end(place)
        return found

    def keep(self, place: Hashable, version: str, text: bytes) -> None:
        if place in self._texts:
            self._bytes -= cost_of(self._texts.pop(place)[1])
        self._texts[place] = version, text
        self._bytes += cost_of(text)
        while self._bytes > self._most_bytes:
            _, (_, oldest) = self._texts.popitem(last=False)
            self._bytes -= cost_of(oldest)


def cost_of(text: bytes) -> int:
    return len(text) + BYTES_AROUND
