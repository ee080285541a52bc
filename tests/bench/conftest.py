"""Figures are shown at the end and written to bench-results.json, beside the goal of each."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import pytest

Measured = Callable[..., None]


@dataclass(frozen=True)
class Figure:
    name: str
    ratio: float
    goal: float
    """The ratio should not be above it; what is absolute depends on the machine."""
    details: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        mark = "ok  " if self.ratio <= self.goal else "OVER"
        details = "  ".join(f"{name} {value:.3g}" for name, value in self.details.items())
        return f"{mark} {self.name:58} {self.ratio:7.3f}  goal {self.goal:g}   {details}"


FIGURES = pytest.StashKey[list[Figure]]()


@pytest.fixture
def measured(pytestconfig: pytest.Config) -> Measured:
    """Keeps a figure; a goal that is missed is shown and fails nothing, as machines are shared."""
    figures = pytestconfig.stash.setdefault(FIGURES, [])

    def keep(name: str, ratio: float, *, goal: float, **details: float) -> None:
        figures.append(Figure(name, ratio, goal, details))

    return keep


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    figures = config.stash.get(FIGURES, [])
    if not figures:
        return
    terminalreporter.section("figures")
    for figure in figures:
        terminalreporter.write_line(str(figure))
    told = {
        "load_average": os.getloadavg(),
        "cores": os.cpu_count(),
        "figures": [asdict(figure) for figure in figures],
    }
    target = config.rootpath / "bench-results.json"
    target.write_text(json.dumps(told, indent=2) + "\n")
    terminalreporter.write_line(f"written to {target.name}")
