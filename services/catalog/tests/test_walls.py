"""Row-level security: the database itself keeps businesses apart."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from catalog.settings import CatalogSettings

TABLES = {
    "audit_trail": "action = 'x'",
    "booking_pages": "title = 'x'",
    "businesses": "name = 'x'",
    "customers": "name = 'x'",
    "invitations": "role = 'owner'",
    "members": "role = 'owner'",
    "offers": "staff_id = staff_id",
    "services": "name = 'x'",
    "sign_ins": "refresh_hash = 'x'",
    "staff_members": "name = 'x'",
}


@pytest.fixture
async def full(studio: Any) -> Any:
    ana = await studio.add("staff", name="Ana")
    await studio.add("services", name="Reformer", duration_minutes=55, staff_ids=[ana["id"]])
    await studio.add("customers", name="Cleo")
    await studio.add("booking-pages", slug=f"p-{uuid4().hex[:8]}", title="Book")
    await studio.invite()
    return studio


async def test_without_its_business_no_row_is_seen_or_written(
    catalog: httpx2.AsyncClient, full: Any, settings: CatalogSettings
) -> None:
    connection = await asyncpg.connect(settings.database_url)
    for business_id, sees in ((str(full.id), True), (str(uuid4()), False), ("", False)):
        await connection.execute("SELECT set_config('app.business_id', $1, false)", business_id)
        for table, change in TABLES.items():
            seen = await connection.fetchval(f"SELECT count(*) FROM {table}")
            assert bool(seen) == sees, table
            if not sees and table != "audit_trail":
                changed = await connection.execute(f"UPDATE {table} SET {change}")
                removed = await connection.execute(f"DELETE FROM {table}")
                assert (changed, removed) == ("UPDATE 0", "DELETE 0"), table
    await connection.close()


async def test_the_two_windows_in_the_wall_can_be_looked_through_but_not_reached_through(
    full: Any, settings: CatalogSettings
) -> None:
    connection = await asyncpg.connect(settings.database_url)
    account_id = full.signed_in["account"]["id"]
    await connection.execute("SELECT set_config('app.account_id', $1, false)", account_id)
    for table in ("members", "businesses"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1
        assert await connection.execute(f"DELETE FROM {table}") == "DELETE 0"
    assert await connection.fetchval("SELECT count(*) FROM sign_ins") == 0
    await connection.close()


async def test_a_row_of_another_business_cannot_be_inserted(
    full: Any, settings: CatalogSettings
) -> None:
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("SELECT set_config('app.business_id', $1, false)", str(uuid4()))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(
            "INSERT INTO staff_members (business_id, version, name, bio, status) "
            "VALUES ($1, 1, 'Intruder', '', 'active')",
            full.id,
        )
    await connection.close()
