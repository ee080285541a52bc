"""Real PostgreSQL and NATS for every test, started once for the run."""

from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

import gateway
import payments
from chassis.migrate import migrate
from chassis.testing import Signer
from stack.databases import create_databases
from stack.postgres import Postgres, postgres
from stack.testing import nats_url

WHOLE_PRODUCT = ("journeys", "faults", "security")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sequences",
        type=int,
        default=100,
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
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres(tmp_path_factory.mktemp("postgres") / "data", durable=False) as server:
        create_databases(server)
        yield server


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def migrated(database_server: Postgres) -> Callable[[str], str]:
    """Migrates a service's database on first use; answers with the app role's URL."""
    done: set[str] = set()

    def url_of(service: str) -> str:
        if service not in done:
            migrate(service, database_server.url(service, f"{service}_owner"))
            done.add(service)
        return database_server.url(service, f"{service}_app")

    return url_of
