"""A guest's appointments become the customer's, in an order that nobody can deadlock with."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import psycopg
import pytest

from chassis.database import create_engine, enter_business, in_transaction, sessions_of
from chassis.testing import eventually
from contracts import catalog
from scheduling.appointments.guests import recognise_guest

DAY = "2027-01-04"


@pytest.fixture
def onlooker(database_server) -> Iterator[psycopg.Connection]:
    with database_server.connect("scheduling") as connection:
        yield connection


async def test_appointments_are_locked_in_the_order_of_their_ids(
    open_studio, settings, database_server, onlooker
) -> None:
    studio = await open_studio()
    for hour in range(8, 12):
        assert (await studio.book(f"{DAY}T{hour:02}:00:00Z")).status_code == 201
    mine = "SELECT id FROM appointments WHERE business_id = %s ORDER BY id"
    ids = [row[0] for row in onlooker.execute(mine, [studio.id])]
    # Moved, it comes last wherever rows are looked at as they lie.
    moved = await studio.client.post(
        f"/api/appointments/{ids[0]}/reschedule",
        json={"starts_at": f"{DAY}T14:00:00Z"},
        headers=studio.owner | {"If-Match": "*"},
    )
    assert moved.status_code == 200, moved.text
    customer = catalog.Customer(id=uuid4(), version=1, name="Ada", email="ada@example.com")
    event = catalog.CustomerChanged(
        occurred_at=datetime.now(UTC), business_id=studio.id, customer=customer
    )

    async def recognise(session) -> None:
        await enter_business(session, studio.id)
        await recognise_guest(session, event)

    engine = create_engine(settings.database_url, "recognising", 1)
    locking = "SELECT 1 FROM appointments WHERE id = ANY(%s) FOR NO KEY UPDATE NOWAIT"
    with database_server.connect("scheduling") as other, other.transaction():
        other.execute(locking, [ids[:1]])
        task = asyncio.create_task(in_transaction(sessions_of(engine), recognise))
        await eventually(partial(waits, onlooker))
        other.execute(locking, [ids[1:]])
    await task
    of_customer = "SELECT count(*) FROM appointments WHERE customer_id = %s"
    assert onlooker.execute(of_customer, [customer.id]).fetchone() == (4,)
    await engine.dispose()


async def waits(onlooker: psycopg.Connection) -> bool:
    """For one of the rows; workers may wait for something else."""
    waiting = (
        "SELECT 1 FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND application_name = 'recognising'"
    )
    return onlooker.execute(waiting).fetchone() is not None
