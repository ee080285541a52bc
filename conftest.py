"""Real PostgreSQL and NATS for every test, started once for the run."""

import asyncio
import gc
from collections.abc import Callable

import hypothesis
import pytest
import uvloop
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import gateway
import payments
from chassis import due_rows
from stack.signer import Signer
from stack.testing import database_server, migrated, nats_url

WHOLE_PRODUCT = ("journeys", "security", "browser")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sequences",
        type=int,
        default=20,
        help="how many random sequences of decisions about places and credits are tried",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Many tests wait for work to be found due, and none for as long as half a second.
    due_rows.POLL_SECONDS = 0.2
    hypothesis.settings.register_profile("patient", deadline=None)
    hypothesis.settings.load_profile("patient")
    hypothesis.settings.register_profile(
        "sequences",
        max_examples=config.getoption("--sequences") // 2,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def pytest_collection_finish() -> None:
    """What was imported by now stays, and need not be looked through for garbage any more."""
    gc.collect()
    gc.freeze()


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the services run on."""
    return {"uvloop": uvloop.new_event_loop}


class ByServers(LoadScopeScheduling):
    """Workers of `pytest -n` share out folders, since what is in one shares its servers."""

    def _split_scope(self, nodeid: str) -> str:
        folder, *below = nodeid.partition("::")[0].split("/")
        name = below[0] if folder in ("services", "tests") else folder
        return "whole product" if name in WHOLE_PRODUCT else name


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServers | None:
    if config.getoption("dist") != "loadscope":
        return None
    # In the order of `testpaths`, the longest first, and not those with the most tests.
    config.option.loadscopereorder = False
    return ByServers(config, log)


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"))
