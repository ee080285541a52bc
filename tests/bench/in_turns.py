"""Ours and the other in turns, so that whatever else the machine does falls on both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

ROUNDS = 5


@dataclass(frozen=True)
class Rounds:
    figures: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        return median(self.figures[name])

    def ratio(self, name: str, to: str) -> float:
        """The median of the ratios of each round, whose halves saw the same machine."""
        pairs = zip(self.figures[name], self.figures[to], strict=True)
        return median(one / other for one, other in pairs)


def in_turns(
    *, rounds: int = ROUNDS, warm_up: bool = True, **measure: Callable[[], float]
) -> Rounds:
    """Calls each in every round; a first round, where wanted, warms up and does not count."""
    figures: dict[str, list[float]] = {name: [] for name in measure}
    for round_ in range(-1 if warm_up else 0, rounds):
        for name, once in measure.items():
            figure = once()
            if round_ >= 0:
                figures[name].append(figure)
    return Rounds(figures)
