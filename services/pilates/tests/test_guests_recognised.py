"""A guest's places and waitlist entries become the customer's whom catalog introduces."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.database import create_engine, sessions_of
from chassis.testing import eventually, publish
from contracts import catalog
from pilates.attendances.guests import recognise_guest
from pilates.attendances.models import Attendance
from pilates.feeds.models import FeedEvent
from pilates.settings import PilatesSettings
from pilates.waitlist.models import WaitlistEntry
from services.pilates.tests.planned import EIGHT, Planned

pytestmark = pytest.mark.usefixtures("pilates")
GINA = "gina@guest.example"


@pytest.fixture
async def planned(settings: PilatesSettings) -> AsyncIterator[Planned]:
    engine = create_engine(settings.database_url, "tests", 4)
    found = Planned(sessions_of(engine))
    await found.open()
    yield found
    await engine.dispose()


def told(planned: Planned, customer: catalog.Customer) -> catalog.CustomerChanged:
    return catalog.CustomerChanged(
        occurred_at=datetime.now(UTC), business_id=planned.business_id, customer=customer
    )


async def introduce(
    nats_url: str, planned: Planned, email: str | None = "Gina@Guest.example", **known: Any
) -> UUID:
    customer = catalog.Customer(id=uuid4(), version=1, name="Gina", email=email, **known)
    await publish(nats_url, told(planned, customer))
    return customer.id


async def test_places_and_waiting_of_the_same_email_are_handed_over(
    planned: Planned, nats_url: str, rows: Any
) -> None:
    row, next_one = await planned.session(), await planned.session(EIGHT + timedelta(hours=2))
    guest = {"customer_email": GINA, "payer_email": GINA, "party_id": uuid4()}
    hers = await planned.place(row, **guest)
    company = await planned.place(row, **guest | {"customer_email": None})
    cancelled = await planned.place(next_one, customer_email=GINA, status="cancelled")
    others = await planned.place(row, customer_email="otto@guest.example")
    waiting = await planned.waiter(next_one, customer_email=GINA)
    gina = await introduce(nats_url, planned)

    async def handed() -> dict[UUID, Attendance]:
        found = {one.id: one for one in await rows(Attendance, planned.business_id)}
        return found if found[hers.id].customer_id else {}

    found = await eventually(handed)
    for id_ in (hers.id, cancelled.id):
        assert (found[id_].customer_id, found[id_].person) == (gina, str(gina))
    assert [found[id_].payer_id for id_ in (hers.id, company.id)] == [gina, gina]
    for id_ in (company.id, others.id):
        assert found[id_].customer_id is None
        assert found[id_].person != str(gina)
    [entry] = await rows(WaitlistEntry, planned.business_id)
    assert (entry.id, entry.customer_id, entry.person) == (waiting.id, gina, str(gina))
    in_feeds = {one.id: one.customer_id for one in await rows(FeedEvent, planned.business_id)}
    assert in_feeds[hers.id] == gina
    assert in_feeds[others.id] is None


async def test_two_places_at_one_time_stay_two_persons(
    planned: Planned, nats_url: str, rows: Any
) -> None:
    row = await planned.session()
    at_the_same_time = await planned.session(name="Mat")
    later = await planned.session(EIGHT + timedelta(hours=2))
    gina = uuid4()
    as_customer = {"customer_id": None, "person": str(gina)}
    await planned.place(row, **as_customer)
    await planned.waiter(later, person=str(gina))
    stays = await planned.place(at_the_same_time, customer_email=GINA)
    moves = await planned.place(later, customer_email=GINA)
    waits = await planned.waiter(later, customer_email=GINA)
    customer = catalog.Customer(id=gina, version=1, name="Gina", email=GINA)
    await publish(nats_url, told(planned, customer))

    async def handed() -> dict[UUID, Attendance]:
        found = {one.id: one for one in await rows(Attendance, planned.business_id)}
        return found if found[moves.id].customer_id else {}

    found = await eventually(handed)
    assert (found[stays.id].customer_id, found[stays.id].person) == (gina, GINA)
    assert (found[moves.id].customer_id, found[moves.id].person) == (gina, str(gina))
    entries = {one.id: one for one in await rows(WaitlistEntry, planned.business_id)}
    assert (entries[waits.id].customer_id, entries[waits.id].person) == (gina, GINA)


async def test_sessions_are_locked_in_the_order_of_their_ids_before_their_places(
    planned: Planned, database_server: Any, settings: PilatesSettings
) -> None:
    first, *rest = sorted(uuid4() for _ in range(3))
    # Wherever rows are looked at as they lie, the one with the lowest id comes last.
    for hours, id_ in enumerate((*reversed(rest), first)):
        row = await planned.session(EIGHT + timedelta(hours=hours), id=id_)
        await planned.place(row, customer_email=GINA)
    event = told(planned, catalog.Customer(id=uuid4(), version=1, name="Gina", email=GINA))
    locking = "SELECT 1 FROM class_sessions WHERE id = ANY(%s) FOR NO KEY UPDATE NOWAIT"
    handed = "SELECT count(*) FROM attendances WHERE customer_id = %s"
    with (
        database_server.connect("pilates") as other,
        database_server.connect("pilates") as onlooker,
        other.transaction(),
    ):
        onlooker.autocommit = True
        other.execute(locking, [[first]])
        task = asyncio.create_task(planned.within(lambda session: recognise_guest(session, event)))
        await eventually(partial(waits, onlooker))
        other.execute(locking, [rest])
        assert onlooker.execute(handed, [event.customer.id]).fetchone() == (0,)
    await task
    with database_server.connect("pilates") as onlooker:
        assert onlooker.execute(handed, [event.customer.id]).fetchone() == (3,)


async def waits(onlooker: psycopg.Connection) -> bool:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'sessions'"
    return onlooker.execute(waiting).fetchone() is not None


async def test_another_businesss_guest_and_an_archived_customer_are_nobodys(
    planned: Planned, nats_url: str, rows: Any
) -> None:
    place = await planned.place(await planned.session(), customer_email=GINA)
    other = Planned(planned.sessions)
    await introduce(nats_url, other)
    await introduce(nats_url, planned, archived_at=datetime.now(UTC))
    await introduce(nats_url, planned, email=None)
    last = await introduce(nats_url, planned, email="last@example.com")
    waiting = await planned.place(await planned.session(), customer_email="later@example.com")
    await introduce(nats_url, planned, email="later@example.com")

    async def handed() -> dict[UUID, Attendance]:
        found = {one.id: one for one in await rows(Attendance, planned.business_id)}
        return found if found[waiting.id].customer_id not in (None, last) else {}

    assert (await eventually(handed))[place.id].customer_id is None
