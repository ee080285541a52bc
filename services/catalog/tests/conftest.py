from collections.abc import AsyncIterator, Callable


import httpx2
import pytest

from catalog import main, worker
from catalog.settings import CatalogSettings
from chassis.testing import Signer, served


@pytest.fixture(scope="session")
def settings(migrated: Callable[[str], str], nats_url: str, signer: Signer) -> CatalogSettings:
    return CatalogSettings(
        database_url=migrated("catalog"),
        nats_url=nats_url,
        public_keys=signer.public_keys,
        signing_key=signer.signing_key,
    )


@pytest.fixture(scope="session")
async def catalog(settings: CatalogSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(main.create(settings)) as client, served(worker.create(settings)):
        yield client
