"""What one booking says to PostgreSQL, taken down, as a script that pgbench repeats."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

ENTRY = re.compile(r"^\S+ \S+ UTC (?P<database>\S+) \S+ \S* (?P<kind>LOG|DETAIL):  (?P<text>.*)$")
EXECUTED = re.compile(r"^(?:statement|execute [^:]+): (.*)$")
PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00")
RANGE = re.compile(rf"""'\[\\?"({MOMENT.pattern})","({MOMENT.pattern})"\)'""")
UUID = re.compile(r"'([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'")
NEAR = timedelta(days=10)
"""Moments closer to the appointment than that move with it; the present does not."""
MOVED = ":n * interval '90 min'"
"""Each repetition books the next place, as many a day as the service's clients do."""


@dataclass(frozen=True)
class Statement:
    sql: str
    values: Mapping[str, str]
    """SQL literals by the number of their parameter."""


def statements_in(log: str, database: str) -> Iterator[Statement]:
    """Of one transaction: the last one in the log that was committed."""
    said: list[Statement] = []
    # A value of several lines is one line again; what ends its lines is of no matter here.
    for line in log.replace("\r", "").replace("\n\t", " ").split("\n"):
        entry = ENTRY.match(line)
        if entry is None or entry["database"] != database:
            continue
        if entry["kind"] == "DETAIL" and said:
            values = dict(PARAMETER.findall(entry["text"]))
            said[-1] = Statement(said[-1].sql, values)
        elif found := EXECUTED.match(entry["text"]):
            said.append(Statement(found[1].rstrip("; "), {}))
    begun = max(n for n, statement in enumerate(said) if statement.sql == "BEGIN")
    yield from said[begun:]


class Script:
    """The same statements, with what must differ from one booking to the next."""

    def __init__(self, starts_at: datetime, known: set[str]) -> None:
        self._starts_at = starts_at
        self._known = known
        """Ids that every booking has in common; all others are of one booking only."""
        self._own: list[str] = []

    def write(self, statements: Iterator[Statement], into: Path) -> None:
        lines = ["\\set n :n + 1", *(self._line(statement) for statement in statements)]
        into.write_text("\n".join(lines) + "\n")

    def _line(self, statement: Statement) -> str:
        def literal(found: re.Match[str]) -> str:
            return self._varied(statement.values[found[1]])

        return re.sub(r"\$(\d+)", literal, statement.sql) + ";"

    def _varied(self, value: str) -> str:
        if found := RANGE.fullmatch(value):
            lower, upper = (self._moved(moment) for moment in found.groups())
            return f"tstzrange({lower}, {upper})"
        if MOMENT.fullmatch(value.strip("'")):
            return self._moved(value.strip("'"))
        if (found := UUID.fullmatch(value)) and found[1] not in self._known:
            if found[1] not in self._own:
                self._own.append(found[1])
            return f"md5('{self._own.index(found[1])} ' || :seed || ' ' || :n)::uuid"
        # pgbench would read the end of `"name":null` as a variable.
        return re.sub(r":(?=[A-Za-z_])", ": ", value)

    def _moved(self, moment: str) -> str:
        near = abs(datetime.fromisoformat(moment) - self._starts_at) < NEAR
        literal = f"'{moment}'::timestamptz"
        return f"({literal} + {MOVED})" if near else literal
