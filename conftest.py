"""Real PostgreSQL and NATS for every test, started once for the run."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
import uvloop

import gateway
import payments
from stack.signer import Signer
from stack.testing import database_server, migrated, nats_url

WHOLE_PRODUCT = ("journeys", "security", "browser")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sequences",
        type=int,
        default=50,
        help="how many random sequences of decisions about places and credits are tried",
    )


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.register_profile(
        "sequences",
        max_examples=config.getoption("--sequences") // 2,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the services run on."""
    return {"uvloop": uvloop.new_event_loop}


# First, because the workers read the marks in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers of `pytest -n` share out folders, since what is in one shares its servers."""
    for item in items:
        folder, *below = item.path.relative_to(Path(__file__).parent).parts
        name = below[0] if folder in ("services", "tests") else folder
        group = "whole product" if name in WHOLE_PRODUCT else name
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"))
