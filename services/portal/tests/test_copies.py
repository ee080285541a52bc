"""What catalog says of a customer, as portal keeps it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import create_engine, in_transaction, sessions_of
from chassis.inbox import InboxEntry
from chassis.testing import eventually, publish
from contracts.catalog import Customer as Snapshot
from contracts.catalog import CustomerChanged
from portal.copies.models import Customer
from portal.settings import PortalSettings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("portal")


def told(business_id: UUID, customer_id: UUID, version: int = 1, **changed: Any) -> CustomerChanged:
    known = {"name": "Mia Sommer", "email": "mia@example.com"} | changed
    customer = Snapshot(id=customer_id, version=version, **known)
    return CustomerChanged(occurred_at=NOW, business_id=business_id, customer=customer)


async def settled(nats_url: str, rows: Any, business_id: UUID) -> dict[UUID, Customer]:
    """The copies, once whoever keeps them has heard all that was published before.

    Who has an address is kept by those too who look for what they booked as a guest.
    """
    last = uuid4()
    await publish(nats_url, told(business_id, last, email=None))

    async def look() -> dict[UUID, Customer]:
        copies = {copy.id: copy for copy in await rows(Customer, business_id)}
        return copies if last in copies else {}

    copies = await eventually(look)
    del copies[last]
    return copies


async def test_a_copy_follows_its_source(nats_url: str, rows: Any) -> None:
    business, mia = uuid4(), uuid4()
    await publish(nats_url, told(business, mia))
    assert (await settled(nats_url, rows, business))[mia].name == "Mia Sommer"
    await publish(nats_url, told(business, mia, 2, name="Mia Winter", email=None))
    await publish(nats_url, told(business, mia, 3, name="Mia Winter", archived_at=NOW))
    copy = (await settled(nats_url, rows, business))[mia]
    assert (copy.version, copy.name, copy.archived_at) == (3, "Mia Winter", NOW)


async def test_an_older_version_that_arrives_late_is_ignored(nats_url: str, rows: Any) -> None:
    business, mia = uuid4(), uuid4()
    await publish(
        nats_url,
        told(business, mia, 3, name="Mia Winter"),
        told(business, mia, 2, name="Mia Herbst"),
        told(business, mia, 3, name="Mia Sommer"),
    )
    copy = (await settled(nats_url, rows, business))[mia]
    assert (copy.version, copy.name) == (3, "Mia Winter")


async def test_the_same_event_three_times_has_one_effect(
    nats_url: str, rows: Any, settings: PortalSettings
) -> None:
    event = told(uuid4(), uuid4())
    connection = await nats.connect(nats_url)
    for _ in range(3):
        # Without Nats-Msg-Id, so that the broker cannot spare us the repetition.
        await connection.jetstream().publish(event.address, event.model_dump_json().encode())
    await connection.close()
    assert list(await settled(nats_url, rows, event.business_id)) == [event.customer.id]
    assert (await claims(settings, event.event_id)).count(
        "portal-CustomerChanged-keep_customers"
    ) == 1


async def test_another_business_does_not_see_the_copy(nats_url: str, rows: Any) -> None:
    business, mia = uuid4(), uuid4()
    await publish(nats_url, told(business, mia))
    assert mia in await settled(nats_url, rows, business)
    assert await rows(Customer, uuid4()) == []


async def test_two_businesses_may_know_customers_by_the_same_id(nats_url: str, rows: Any) -> None:
    ours, theirs, mia = uuid4(), uuid4(), uuid4()
    await publish(nats_url, told(ours, mia), told(theirs, mia, 9, name="Somebody else"))
    assert (await settled(nats_url, rows, theirs))[mia].name == "Somebody else"
    assert (await settled(nats_url, rows, ours))[mia].name == "Mia Sommer"


async def claims(settings: PortalSettings, event_id: UUID) -> list[str]:
    engine = create_engine(settings.database_url, "tests", 1)

    async def read(session: AsyncSession) -> list[str]:
        found = select(InboxEntry.handler).where(InboxEntry.event_id == event_id)
        return list(await session.scalars(found))

    handlers = await in_transaction(sessions_of(engine), read)
    await engine.dispose()
    return handlers
