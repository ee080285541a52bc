"""One row a promise: what was measured, beside what, against which goal."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Goal:
    bound: float
    unit: str
    """`x` for times as much, `%` or `ms`; empty for a count."""
    at_least: bool

    def is_met_by(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.written(self.bound)}"

    def written(self, value: float) -> str:
        number = f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        return f"{number} {self.unit}".strip()


def at_least(bound: float, unit: str = "x") -> Goal:
    return Goal(bound, unit, at_least=True)


def at_most(bound: float, unit: str = "x") -> Goal:
    return Goal(bound, unit, at_least=False)


@dataclass(frozen=True)
class Row:
    what: str
    ours: str
    other: str
    """The peer or the limit, with its own figure."""
    value: str
    """In the unit of the goal."""
    goal: str
    met: bool | None
    """None: it could not be measured here, which is no failure."""

    @property
    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.met]

    def cells(self) -> list[str]:
        return [self.what, self.ours, self.other, self.value, self.goal, self.verdict]


HEADINGS = ["what", "ours", "peer or limit", "measured", "goal", ""]


@dataclass
class Report:
    rows: list[Row] = field(default_factory=list)

    def keep(self, what: str, value: float, goal: Goal, *, ours: str = "", other: str = "") -> None:
        met = goal.is_met_by(value)
        self.rows.append(Row(what, ours, other, goal.written(value), str(goal), met))

    def leave_out(self, what: str, goal: Goal | None, why: str) -> None:
        told = str(goal) if goal else ""
        self.rows.append(Row(what, "", f"not measured: {why}", "", told, None))

    def fail(self, what: str, why: str) -> None:
        self.rows.append(Row(what, "", why, "", "", met=False))

    @property
    def is_met(self) -> bool:
        return all(row.met is not False for row in self.rows)

    def table(self) -> str:
        """As Markdown, which terminals show well enough."""
        lines = [HEADINGS, *(row.cells() for row in self.rows)]
        widths = [max(len(line[n]) for line in lines) for n in range(len(HEADINGS))]
        written = [
            "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join([written[0], rule, *written[1:]]) + "\n"

    def write(self, folder: Path) -> None:
        told = {
            "load_average": os.getloadavg(),
            "cores": os.cpu_count(),
            "rows": [asdict(row) for row in self.rows],
        }
        (folder / "bench-results.json").write_text(json.dumps(told, indent=2) + "\n")
        (folder / "bench-results.md").write_text(self.table())


REPORT = pytest.StashKey[Report]()
