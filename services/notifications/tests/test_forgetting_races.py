"""Who is forgotten stays forgotten, whatever is heard of them in the same moment."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from contracts.catalog import CustomerChanged
from contracts.portal import ErasureRequested
from notifications.clients import erasing
from notifications.testing import Studio
from services.notifications.tests.reading import Reader
from services.notifications.tests.told import know, tell
from stack.postgres import Postgres

WAITING = """
    SELECT FROM pg_stat_activity
    WHERE datname = 'notifications' AND wait_event_type = 'Lock'
"""
KEPT = "SELECT FROM customers WHERE id = %s"


async def test_what_is_heard_while_somebody_is_forgotten_brings_nobody_back(
    unsent: httpx2.AsyncClient,
    studio: Studio,
    reader: Reader,
    database_server: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = await know(studio)
    await reader.knows("customers", client.id)
    underway, goes_on = asyncio.Event(), asyncio.Event()
    forget_mentions = erasing.forget_mentions

    async def linger(*about: Any) -> None:
        underway.set()
        await goes_on.wait()
        await forget_mentions(*about)

    monkeypatch.setattr(erasing, "forget_mentions", linger)
    known = {"customer_id": client.id, "email": client.email}
    await tell(studio, ErasureRequested, erasure_id=uuid4(), **known)
    await asyncio.wait_for(underway.wait(), 20)
    await tell(studio, CustomerChanged, customer=client.model_copy(update={"version": 2}))
    with database_server.connect("notifications") as database:
        database.autocommit = True

        async def somebody_waits() -> bool:
            return database.execute(WAITING).fetchone() is not None

        await eventually(somebody_waits)
        goes_on.set()
        await reader.knows("erasures", client.id)
        behind = await know(studio)
        await reader.knows("customers", behind.id)
        assert database.execute(KEPT, (client.id,)).fetchone() is None
