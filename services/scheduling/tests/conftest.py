from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import nats
import pytest
from nats.aio.msg import Msg

from chassis.testing import eventually, publish, served
from contracts import catalog
from pilates.settings import PilatesSettings
from scheduling import main, worker
from scheduling.settings import SchedulingSettings
from services.scheduling.tests.elsewhere import SOMEBODY_ELSE, connecting, elsewhere
from services.scheduling.tests.moved_clock import MovedClock
from services.scheduling.tests.things import REFORMER, Pilates, Things, pilates_beside
from services.scheduling.tests.till import DEPOSIT, Till
from stack import checkout_testing
from stack.checkout_testing import Sandbox
from stack.signer import Signer
from stack.testing import database_server, migrated, nats_url

FOR_EVER = 4_000_000_000.0
"""Access tokens outlast every moved clock, whatever the machine's own says."""
NINE_TO_FIVE = [{"weekday": day, "starts_at": "09:00", "ends_at": "17:00"} for day in range(7)]


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> MovedClock:
    return MovedClock(tmp_path_factory.mktemp("clock") / "now")


@pytest.fixture
def clock(clock_file: MovedClock) -> Iterator[MovedClock]:
    yield clock_file
    clock_file.unset()


@pytest.fixture(scope="session")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with checkout_testing.sandbox(tmp_path_factory.mktemp("checkouts")) as found:
        yield found


@pytest.fixture(scope="session")
def settings(
    migrated: Callable[[str], str],
    nats_url: str,
    signer: Signer,
    clock_file: MovedClock,
    sandbox: Sandbox,
) -> SchedulingSettings:
    clock_file.unset()
    return SchedulingSettings(
        database_url=migrated("scheduling"),
        nats_url=nats_url,
        public_keys=signer.public_keys,
        embedded=True,
        clock=clock_file.path,
        fetch_from=SOMEBODY_ELSE,
        fetch_seconds=3,
        read_seconds=2,
        sandbox_url=sandbox.url,
        sandbox_secret=sandbox.secret,
    )


@pytest.fixture(scope="session")
async def scheduling(settings: SchedulingSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(main.create(settings)) as client, served(worker.create(settings)):
        yield client


@dataclass
class Studio:
    """A business whose catalog has been heard: one service, some staff, one published page."""

    client: httpx2.AsyncClient
    nats_url: str
    signer: Signer
    id: UUID = field(default_factory=uuid4)
    zone: str = "Europe/Berlin"
    staff: list[UUID] = field(default_factory=list)
    service: UUID = field(default_factory=uuid4)
    page_id: UUID = field(default_factory=uuid4)
    slug: str = field(default_factory=lambda: f"page-{uuid4().hex[:8]}")

    @property
    def owner(self) -> dict[str, str]:
        return self.signer.bearer(self.id, exp=FOR_EVER)

    def member(self, *permissions: str, staff_id: UUID | None = None) -> dict[str, str]:
        return self.signer.bearer(
            self.id, *permissions, role="staff", staff_id=staff_id, exp=FOR_EVER
        )

    async def tell(self, event_type: type[Any], **what: Any) -> None:
        event = event_type(occurred_at=datetime.now(UTC), business_id=self.id, **what)
        await publish(self.nats_url, event)

    async def offer(self, version: int = 1, **changed: Any) -> None:
        wanted = {
            "id": self.service,
            "version": version,
            "name": "Reformer private",
            "duration_minutes": 60,
            "buffer_before_minutes": 0,
            "buffer_after_minutes": 0,
            "slot_step_minutes": 30,
            "price_cents": 9500,
            "deposit_cents": 0,
            "staff_ids": self.staff,
            "resource_kinds": [],
            "credit_cost": 0,
            "notice_minutes": 0,
            "horizon_days": 730,
            "cancellation_window_minutes": 1440,
            "requires_approval": False,
            "questions": [],
        }
        service = catalog.Service.model_validate(wanted | changed)
        await self.tell(catalog.ServiceChanged, service=service)

    async def work(self, staff: UUID, weekly: list[dict[str, Any]]) -> httpx2.Response:
        return await self.client.put(
            f"/api/staff/{staff}/working-hours", json={"weekly": weekly}, headers=self.owner
        )

    async def book(self, starts_at: str, **changed: Any) -> httpx2.Response:
        wanted = {
            "service_id": str(self.service),
            "starts_at": starts_at,
            "customer": {"name": "Ada Guest", "email": "ada@example.com"},
        }
        place = f"/api/public/booking/{self.slug}/appointments"
        headers = changed.pop("headers", {})
        return await self.client.post(place, json=wanted | changed, headers=headers)

    async def slots(self, day: str, **changed: Any) -> list[str]:
        wanted = {"service_id": str(self.service), "from": day, "to": day} | changed
        answer = await self.client.get(
            f"/api/public/booking/{self.slug}/availability", params=wanted
        )
        assert answer.status_code == 200, answer.text
        return [slot["starts_at"] for day in answer.json()["days"] for slot in day["slots"]]


@pytest.fixture(scope="session")
def open_studio(
    scheduling: httpx2.AsyncClient, nats_url: str, signer: Signer
) -> Callable[..., Any]:
    """Opens a studio and waits until scheduling has heard all of it."""

    async def opened(people: int = 1, zone: str = "Europe/Berlin", **service: Any) -> Studio:
        studio = Studio(scheduling, nats_url, signer, zone=zone)
        studio.staff = sorted(uuid4() for _ in range(people))
        business = catalog.Business(
            id=studio.id,
            version=1,
            slug=studio.slug,
            name="Core",
            time_zone=zone,
            currency="EUR",
            locale="en",
        )
        await studio.tell(catalog.BusinessChanged, business=business)
        for number, staff in enumerate(studio.staff):
            person = catalog.StaffMember(id=staff, version=1, name=f"T{number}", status="active")
            await studio.tell(catalog.StaffMemberChanged, staff_member=person)
        await studio.offer(**service)
        page = catalog.BookingPage(
            id=studio.page_id,
            version=1,
            slug=studio.slug,
            title="Book",
            published=True,
            service_ids=[studio.service],
            questions=[],
        )
        await studio.tell(catalog.BookingPageChanged, booking_page=page)
        for staff in studio.staff:
            await eventually(lambda staff=staff: heard(studio, staff))
        await eventually(lambda: page_is_up(studio))
        return studio

    return opened


@pytest.fixture
async def catalog_knows_no_more(nats_url: str) -> AsyncIterator[None]:
    """What scheduling has not heard of is nobody's."""
    line = await nats.connect(nats_url)

    async def answer(message: Msg) -> None:
        await message.respond(b'{"reply": {}}')

    for asked in (catalog.Introduce, catalog.IntroducePage):
        await line.subscribe(asked.subject, cb=answer)
    await line.flush()
    yield
    await line.close()


@pytest.fixture(scope="session")
async def untouched(open_studio: Callable[..., Awaitable[Studio]]) -> Studio:
    """One for all who are refused, and change nothing of it."""
    return await open_studio()


async def heard(studio: Studio, staff: UUID) -> bool:
    return (await studio.work(staff, NINE_TO_FIVE)).status_code == 200


async def page_is_up(studio: Studio) -> bool:
    answer = await studio.client.get(
        f"/api/public/booking/{studio.slug}/availability",
        params={"service_id": str(studio.service), "from": "2027-01-04", "to": "2027-01-04"},
    )
    return answer.status_code == 200


@pytest.fixture
def open_till(
    open_studio: Callable[..., Awaitable[Any]], sandbox: Sandbox, migrated: Callable[[str], str]
) -> Callable[..., Awaitable[Till]]:
    async def opened(**service: Any) -> Till:
        studio = await open_studio(**{"deposit": DEPOSIT} | service)
        return Till(studio, sandbox, migrated("scheduling"))

    return opened


@pytest.fixture
async def till(open_till: Callable[..., Awaitable[Till]]) -> Till:
    return await open_till()


@pytest.fixture(scope="session")
async def pilates(
    scheduling: httpx2.AsyncClient,
    settings: SchedulingSettings,
    migrated: Callable[[str], str],
    signer: Signer,
) -> AsyncIterator[Pilates]:
    """The real one, who is asked for machines and credits."""
    beside = PilatesSettings(
        database_url=migrated("pilates"),
        nats_url=settings.nats_url,
        public_keys=signer.public_keys,
        embedded=True,
        clock=settings.clock,
    )
    async with pilates_beside(beside) as found:
        yield found


@pytest.fixture
def open_things(
    open_studio: Callable[..., Awaitable[Any]], pilates: Pilates, migrated: Callable[[str], str]
) -> Iterator[Callable[..., Awaitable[Things]]]:
    """A studio whose service needs a reformer and a credit, unless told otherwise."""

    async def opened(reformers: int = 1, **service: Any) -> Things:
        needs = {"resource_kinds": REFORMER, "credit_cost": 1}
        studio = await open_studio(**needs | service)
        things = Things(studio, pilates, migrated("scheduling"))
        # Each copy comes by itself.
        for table in ("businesses", "staff_members", "services"):
            known = f"SELECT count(*)::int AS count FROM {table}"
            count = len(studio.staff) if table == "staff_members" else 1
            await things.eventually(
                lambda known=known, count=count: (
                    pilates.rows(studio.id, known) == [{"count": count}]
                )
            )
        await things.reformers(reformers)
        return things

    yield opened
    pilates.line.is_down = False
