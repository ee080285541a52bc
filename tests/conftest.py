"""One stack, as `make run` starts it, for all tests that no single service can have."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from stack.testing import RunningStack, running_stack
from tests.failpoints import as_setting, disarm
from tests.mailbox import Mailbox

NO_LIMITS = {
    f"BOOKLY_LIMIT_{of}": "1000000/minute"
    for of in ("PER_ADDRESS", "PER_PRINCIPAL", "PER_BUSINESS", "SIGN_IN")
}
"""Every test comes from one address; the gateway's own tests are about the limits."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="whole-product tests with the promised figures: 20 rounds, 3,000 requests, 500 "
        "bookings (otherwise a quarter of them)",
    )
    parser.addoption(
        "--bookly", metavar="URL", help="the Bookly that the journeys travel through, if not ours"
    )


@pytest.fixture(scope="session")
def in_full(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--full"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    home = tmp_path_factory.mktemp("bookly") / "home"
    disarm(home)
    with running_stack(home, environment=NO_LIMITS | as_setting()) as started:
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
    limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256)
    async with httpx2.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        yield client


@pytest.fixture
def mailbox(gateway: httpx2.AsyncClient) -> Mailbox:
    return Mailbox(gateway)
