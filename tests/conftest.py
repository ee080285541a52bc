"""One stack, as `make run` starts it, for all tests that no single service can have."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from stack.testing import RunningStack, running_stack
from tests.failpoints import as_setting, disarm
from tests.mailbox import Mailbox

PATIENT = {"BOOKLY_PATIENCE_SECONDS": "60"}
"""The gateway's own tests are about long lines; here the machine may be slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="whole-product tests with the promised figures: 20 rounds, 3,000 requests, 500 "
        "bookings (otherwise a quarter of them)",
    )
    parser.addoption(
        "--running",
        metavar="HOME",
        type=Path,
        help="use the stack that runs from this BOOKLY_HOME already; failpoints need a new one",
    )
    parser.addoption(
        "--bookly", metavar="URL", help="the Bookly that the journeys travel through, if not ours"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A stack has to start, and the whole figures take their time."""
    patience = pytest.mark.timeout(3600 if config.getoption("--full") else 300)
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(patience)


@pytest.fixture(scope="session")
def in_full(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--full"))


@pytest.fixture(scope="session")
def stack(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningStack]:
    if running := pytestconfig.getoption("--running"):
        facts = json.loads((running / "ready.json").read_text())
        # Whoever started it stops it.
        yield RunningStack(running, None, facts)  # type: ignore[arg-type]
        return
    home = tmp_path_factory.mktemp("bookly") / "home"
    disarm(home)
    with running_stack(home, environment=PATIENT | as_setting()) as started:
        yield started


@pytest.fixture
def url(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> str:
    """Of the gateway."""
    elsewhere: str | None = pytestconfig.getoption("--bookly")
    if elsewhere:
        return elsewhere.rstrip("/")
    stack: RunningStack = request.getfixturevalue("stack")
    return stack.url


@pytest.fixture
async def gateway(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    # Let go of before uvicorn's 5 seconds, so that nothing is sent on what it is just closing.
    limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256, keepalive_expiry=3)
    async with httpx2.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        yield client


@pytest.fixture
def mailbox(gateway: httpx2.AsyncClient) -> Mailbox:
    return Mailbox(gateway)
