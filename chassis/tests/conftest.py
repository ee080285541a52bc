import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from chassis.migrate import migrate
from stack.databases import create_databases
from stack.postgres import Postgres
from stack.signer import Signer

sys.path.insert(0, str(Path(__file__).parent / "notebook_service"))

from notebook.desk import TEMPLATE, Desk, desk


@pytest.fixture(scope="session")
def notebook_server(database_server: Postgres) -> Postgres:
    create_databases(database_server, [TEMPLATE])
    migrate("notebook", database_server.url(TEMPLATE, "notebook_owner"))
    return database_server


@pytest.fixture(scope="session")
def shared(
    notebook_server: Postgres, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """One for all tests that break nothing."""
    with desk(notebook_server, signer, tmp_path_factory.mktemp("shared")) as made:
        yield made


@pytest.fixture
def lonely(notebook_server: Postgres, signer: Signer, tmp_path: Path) -> Iterator[Desk]:
    """One for the test alone, with nothing running on it yet but NATS."""
    with desk(notebook_server, signer, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
async def api(shared: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    async with shared.api() as client, shared.worker():
        yield client
