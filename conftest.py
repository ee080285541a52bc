"""Real PostgreSQL and NATS for every test, started once for the run."""

from collections.abc import Callable, Iterator

import pytest

import gateway  # noqa: F401  Or pytest takes the folder of that name for the package.
from chassis.migrate import migrate
from chassis.testing import Signer
from stack.databases import create_databases
from stack.nats_server import nats_server
from stack.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres(tmp_path_factory.mktemp("postgres") / "data", durable=False) as server:
        create_databases(server)
        yield server


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nats_server(tmp_path_factory.mktemp("nats") / "data", durable=False) as server:
        yield server.url


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
