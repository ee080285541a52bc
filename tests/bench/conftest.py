"""What every bench stands on; a missed goal is told at the end, and stops no other bench."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.ground import Ground, ground
from tests.bench.peers.throw_away import Peers
from tests.bench.report import REPORT, Report
from tests.bench.whole_stack import WholeStack, whole_stack

ORDER = (
    *("slots", "page", "booking", "week", "class_week", "place", "portal", "feed", "live"),
    *("mails", "relay", "gateway"),
)
"""As the goals are listed in docs/benchmarks.md."""


def pytest_configure() -> None:
    """Told to stop, it stops what it has started, as after Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            # Before the one that all tests of the whole product have: a peer may take its time.
            item.add_marker(pytest.mark.timeout(900), append=False)
    items.sort(key=place_in_order)


def place_in_order(item: pytest.Item) -> int:
    subject = item.path.stem.removeprefix("test_")
    return ORDER.index(subject) if subject in ORDER else -1


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Report:
    return pytestconfig.stash.setdefault(REPORT, Report())


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground")) as built:
        yield built


@pytest.fixture(scope="session")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Peers:
    return Peers(tmp_path_factory.mktemp("peers"))


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStack]:
    with whole_stack(tmp_path_factory.mktemp("bookly") / "home") as started:
        yield started


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    yield
    if call.excinfo and not call.excinfo.errisinstance(pytest.skip.Exception):
        report = item.config.stash.setdefault(REPORT, Report())
        why = call.excinfo.exconly(tryshort=True).splitlines()[0]
        report.fail(item.name, f"failed: {why[:100]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    report = session.config.stash.get(REPORT, None)
    if report and not report.is_met:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    report = config.stash.get(REPORT, None)
    if report is None:
        return
    terminalreporter.section("figures")
    terminalreporter.write(report.table())
    report.write(config.rootpath)
    terminalreporter.write_line("written to bench-results.json and bench-results.md")
