from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import nats
import pytest
from nats.aio.msg import Msg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import catalog.main
import catalog.worker
import pilates.main
import pilates.worker
import scheduling.main
import scheduling.worker
from catalog.settings import CatalogSettings
from chassis.database import create_engine, enter_business, in_transaction, sessions_of
from chassis.testing import eventually, served
from pilates.settings import PilatesSettings
from portal import main, worker
from portal.copies.models import Customer
from portal.portal_sessions import commands
from portal.portal_sessions.cookie import Cookie
from portal.settings import PortalSettings
from scheduling.settings import SchedulingSettings
from services.portal.tests.studio import Heard, MovedClock, Owners, Studio, open_a_studio
from stack import checkout_testing
from stack.checkout_testing import Sandbox
from stack.signer import Signer
from stack.testing import database_server, migrated, nats_url

Rows = Callable[[Any, UUID], Awaitable[list[Any]]]
LINK_SECRET = "of-these-tests-and-32-characters-long"


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> MovedClock:
    clock = MovedClock(tmp_path_factory.mktemp("clock") / "now")
    clock.unset()
    return clock


@pytest.fixture
def clock(clock_file: MovedClock) -> Iterator[MovedClock]:
    yield clock_file
    clock_file.unset()


@pytest.fixture(scope="session")
def told(nats_url: str, signer: Signer, clock_file: MovedClock) -> dict[str, Any]:
    """Settings that are alike for everybody."""
    return {
        "nats_url": nats_url,
        "public_keys": signer.public_keys,
        "embedded": True,
        "clock": clock_file.path,
    }


@pytest.fixture(scope="session")
def settings(migrated: Callable[[str], str], told: dict[str, Any]) -> PortalSettings:
    return PortalSettings(
        database_url=migrated("portal"),
        link_secret=LINK_SECRET,
        public_url="https://bookly.example",
        **told,
    )


@pytest.fixture(scope="session")
async def portal(settings: PortalSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(main.create(settings)) as client, served(worker.create(settings)):
        yield client


@pytest.fixture(scope="session")
async def rows(settings: PortalSettings) -> AsyncIterator[Rows]:
    """What the service itself sees of a table while it works for one business."""
    engine = create_engine(settings.database_url, "tests", 2)

    async def seen(model: Any, business_id: UUID) -> list[Any]:
        async def read(session: AsyncSession) -> list[Any]:
            await enter_business(session, business_id)
            return list(await session.scalars(select(model)))

        return await in_transaction(sessions_of(engine), read)

    yield seen
    await engine.dispose()


@pytest.fixture(scope="session")
async def open_session(
    settings: PortalSettings, clock_file: MovedClock
) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """A client's cookie, as signing in would have made it."""
    engine = create_engine(settings.database_url, "tests", 2)

    async def opened(business_id: UUID, customer_id: UUID, *, keep_signed_in: bool = False) -> str:
        async def write(session: AsyncSession) -> str:
            await enter_business(session, business_id)
            customer = await session.get_one(Customer, (business_id, customer_id))
            now = datetime.fromisoformat(clock_file.path.read_text())
            made, secret = commands.open_session(customer, "tests", now, kept=keep_signed_in)
            session.add(made)
            return Cookie(business_id, made.id, secret).value

        return await in_transaction(sessions_of(engine), write)

    yield opened
    await engine.dispose()


@pytest.fixture(scope="session")
async def heard(nats_url: str, portal: httpx2.AsyncClient) -> AsyncIterator[Heard]:
    connection = await nats.connect(nats_url)
    messages: list[Msg] = []

    async def keep(message: Msg) -> None:
        messages.append(message)

    for stream in ("portal", "scheduling", "pilates", "catalog"):
        await connection.subscribe(f"{stream}.>", cb=keep)
    await connection.flush()
    yield Heard(messages)
    await connection.close()


@pytest.fixture(scope="session")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with checkout_testing.sandbox(tmp_path_factory.mktemp("checkouts")) as found:
        yield found


@pytest.fixture(scope="session")
async def owners(
    migrated: Callable[[str], str], told: dict[str, Any], signer: Signer, sandbox: Sandbox
) -> AsyncIterator[Owners]:
    """The real ones, who are asked for all that a client does."""
    paid = {"sandbox_url": sandbox.url, "sandbox_secret": sandbox.secret}
    who = CatalogSettings(database_url=migrated("catalog"), signing_key=signer.signing_key, **told)
    time = SchedulingSettings(database_url=migrated("scheduling"), **told, **paid)
    things = PilatesSettings(database_url=migrated("pilates"), **told, **paid)
    async with (
        served(catalog.main.create(who)) as catalog_api,
        served(catalog.worker.create(who)),
        served(scheduling.main.create(time)) as scheduling_api,
        served(scheduling.worker.create(time)),
        served(pilates.main.create(things)) as pilates_api,
        served(pilates.worker.create(things)),
    ):
        yield Owners(catalog_api, scheduling_api, pilates_api)


@pytest.fixture
def open_studio(
    owners: Owners,
    portal: httpx2.AsyncClient,
    signer: Signer,
    heard: Heard,
    rows: Rows,
    open_session: Callable[..., Awaitable[str]],
) -> Callable[..., Awaitable[Studio]]:
    async def opened(**wanted: Any) -> Studio:
        beside = (owners, portal, signer, heard, rows, open_session)
        return await open_a_studio(*beside, **wanted)

    return opened


@pytest.fixture
async def studio(open_studio: Callable[..., Awaitable[Studio]]) -> Studio:
    return await open_studio()


@pytest.fixture
def open_offering(
    open_studio: Callable[..., Awaitable[Studio]], clock: MovedClock
) -> Callable[..., Awaitable[Studio]]:
    """A studio with a page, whose service costs a credit unless told otherwise."""

    async def opened(**service: Any) -> Studio:
        studio = await open_studio(**{"credit_cost": 1} | service)
        clock.set("2027-01-04T09:00:00+00:00")
        page = {
            "slug": f"page-{uuid4().hex[:8]}",
            "title": "Book",
            "published": True,
            "configuration": {"service_ids": [studio.service]},
        }
        await studio.told(studio.owners.catalog, "POST", "/booking-pages", json=page)
        return studio

    return opened
