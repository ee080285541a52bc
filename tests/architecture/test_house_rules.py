"""What reviewers would otherwise have to repeat, read from the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES_THAT_SAY_NOTHING = {"service", "utils", "util", "helpers", "common", "manager", "misc"}
LONGEST_FILE, LONGEST_FUNCTION, LARGEST_CHASSIS = 400, 50, 1_200
BUSINESS_WORDS = re.compile(
    "appointment|customer|staff|booking|class_?session|class_?template|credit|waitlist|studio"
    "|attendance|instructor|receipt|reformer|magic_?link|time_?off|working_?hours",
    re.IGNORECASE,
)
HANDED_ON_UNREAD = "staff_id"
"""A claim of the access token, which the chassis carries and services read."""
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.}-])/(?:home|Users)/\w|\b[A-Z]:\\Users\b")
PACKAGE_HOSTS = {"https://pypi.org/simple", "https://files.pythonhosted.org"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> list[Path]:
    """What git keeps, and what it would keep if it were added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [file for line in listed.stdout.splitlines() if (file := ROOT / line).is_file()]


def python() -> list[Path]:
    """Migrations are left out: what has run somewhere is not made prettier afterwards."""
    return [f for f in tracked() if f.suffix == ".py" and "migrations" not in f.parts]


def parsed(*, but: tuple[str, ...] = ()) -> Iterator[tuple[Path, ast.AST]]:
    """Every module with its tree, without those under the paths named."""
    for file in python():
        place = file.relative_to(ROOT)
        if not any(part in f"/{place}" for part in but):
            yield place, tree_of(file)


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def test_services_stand_alone_and_layers_hold() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 0, linted.stdout


def test_only_the_chassis_commits() -> None:
    assert [
        f"{place}:{node.lineno}"
        for place, tree in parsed(but=("/chassis/chassis/", "/tests/", "/deploy/"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("commit", "begin", "autocommit")
    ] == []


def test_only_settings_read_the_environment() -> None:
    assert [
        f"{place}:{node.lineno}"
        for place, tree in parsed(but=("/settings.py", "/tests/", "/deploy/"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.ImportFrom) and reads_environment(node)
    ] == []


def reads_environment(node: ast.Attribute | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any("env" in alias.name for alias in node.names)
    return node.attr in ("environ", "environb", "getenv")


def test_a_file_is_named_after_what_it_holds() -> None:
    files = [f.relative_to(ROOT) for f in python()]
    assert [f for f in files if NAMES_THAT_SAY_NOTHING & {f.stem, f.parent.name}] == []


def test_no_file_is_longer_than_people_read() -> None:
    lengths = {f.relative_to(ROOT): f.read_text().count("\n") for f in python()}
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    assert [
        f"{place}:{node.lineno} {node.name}"
        for place, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, Function) and lines_of(node) > LONGEST_FUNCTION
    ] == []


def lines_of(node: Function) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def test_the_chassis_knows_no_business() -> None:
    chassis = [f for f in python() if ROOT / "chassis" / "chassis" in f.parents]
    assert [
        f"{file.relative_to(ROOT)}:{number} {line.strip()}"
        for file in chassis
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if BUSINESS_WORDS.search(line.replace(HANDED_ON_UNREAD, ""))
    ] == []


def test_the_chassis_stays_small() -> None:
    chassis = [f for f in python() if ROOT / "chassis" / "chassis" in f.parents]
    lines = {file.name: len(lines_with_code(file)) for file in chassis}
    assert sum(lines.values()) < LARGEST_CHASSIS, lines


def lines_with_code(file: Path) -> set[int]:
    """Without blank lines, comments, imports and docstrings, of attributes too."""
    text = file.read_text().splitlines()
    code = {n for n, line in enumerate(text, 1) if line.strip() and line.strip()[0] != "#"}
    for node in ast.walk(tree_of(file)):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if docstring or isinstance(node, ast.Import | ast.ImportFrom):
            code -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return code


def test_nothing_tracked_knows_the_machine_it_was_written_on() -> None:
    here = str(ROOT) if len(ROOT.parts) > 2 else "\0"
    found = []
    for file in tracked():
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        if here in text or SOMEBODYS_MACHINE.search(text):
            found.append(file.relative_to(ROOT))
    assert found == []


def test_packages_come_from_the_public_index() -> None:
    text = (ROOT / "uv.lock").read_text()
    hosts = set(re.findall(r'registry = "([^"]+)"', text))
    hosts |= set(re.findall(r'url = "(https?://[^/"]+)', text))
    assert hosts <= PACKAGE_HOSTS
    settings = [f for f in tracked() if f.name in ("pyproject.toml", "uv.toml", "Dockerfile")]
    named = re.compile(r"index[-_]url|\[\[tool\.uv\.index\]\]|INDEX_URL", re.IGNORECASE)
    assert [f.relative_to(ROOT) for f in settings if named.search(f.read_text())] == []
