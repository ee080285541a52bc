"""`python -m stack memory`: what runs takes, shared pages divided by their users."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def main(home: Path) -> int:
    names = {int(file.read_text()): file.stem for file in (home / "pids").glob("*.pid")}
    if not names:
        sys.stderr.write(f"Nothing runs from {home}.\n")
        return 1
    parents = dict(_parents())
    taken: Counter[str] = Counter()
    for pid in parents:
        if (name := _owner(pid, names, parents)) is not None:
            taken[name] += _proportional_set_kib(pid)
    for name, kib in sorted(taken.items()):
        print(f"{name:24} {kib / 1024:7.1f} MB")
    print(f"{'together':24} {taken.total() / 1024:7.1f} MB (PSS)")
    return 0


def _owner(pid: int, names: dict[int, str], parents: dict[int, int]) -> str | None:
    """A server's own children count as the server."""
    while pid and pid not in names:
        pid = parents.get(pid, 0)
    return names.get(pid)


def _parents() -> Iterator[tuple[int, int]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                after_name = (folder / "stat").read_text().rpartition(")")[2]
            except OSError:
                continue
            yield int(folder.name), int(after_name.split()[1])


def _proportional_set_kib(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
