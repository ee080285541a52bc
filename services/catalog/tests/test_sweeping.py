"""What can sign nobody in any more does not stay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from catalog.settings import CatalogSettings
from catalog.sign_ins.sweeping import BATCH, sweep
from chassis.runtime import running
from chassis.testing import eventually

PASSWORD = "reformer-and-cadillac"
OLD = timedelta(days=40)


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    file = tmp_path / "now"
    file.write_text(datetime.now(UTC).isoformat())
    return file


def pass_time(clock: Path, by: timedelta) -> None:
    clock.write_text((datetime.fromisoformat(clock.read_text()) + by).isoformat())


async def in_database(settings: CatalogSettings, business_id: UUID, statement: str) -> Any:
    connection = await asyncpg.connect(settings.database_url)
    try:
        await connection.execute(
            "SELECT set_config('app.business_id', $1, false)", str(business_id)
        )
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def swept(settings: CatalogSettings, clock: Path, look: Callable[[], Any]) -> None:
    moved = settings.model_copy(update={"clock": clock, "embedded": True})
    async with running(moved, [sweep]):
        await eventually(look)


async def test_expired_sign_ins_go_and_others_stay(
    catalog: httpx2.AsyncClient, studio: Any, settings: CatalogSettings, clock: Path
) -> None:
    body = {"email": studio.email, "password": PASSWORD}
    assert (await catalog.post("/api/auth/sign-in", json=body)).status_code == 200
    await in_database(
        settings,
        studio.id,
        f"""
        INSERT INTO sign_ins (business_id, member_id, refresh_hash, created_at, expires_at)
        SELECT business_id, member_id, '', now(), now() - interval '1 second'
        FROM sign_ins, generate_series(1, {BATCH + 5})
        """,
    )
    count = "SELECT count(*) FROM sign_ins"
    assert await in_database(settings, studio.id, count) == 2 * (BATCH + 5) + 2

    async def only_good_ones() -> bool:
        return bool(await in_database(settings, studio.id, count) == 2)

    await swept(settings, clock, only_good_ones)
    pass_time(clock, OLD)

    async def none() -> bool:
        return bool(await in_database(settings, studio.id, count) == 0)

    await swept(settings, clock, none)
    token = studio.signed_in["refresh_token"]
    ended = await catalog.post("/api/auth/refresh", json={"refresh_token": token})
    assert (ended.status_code, ended.json()["type"]) == (401, "/problems/sign-in-ended")


async def test_the_door_for_the_sweeper_shows_nothing_that_has_not_expired(
    studio: Any, settings: CatalogSettings
) -> None:
    connection = await asyncpg.connect(settings.database_url)
    now = datetime.now(UTC).isoformat()
    await connection.execute("SELECT set_config('app.swept_until', $1, false)", now)
    seen = await connection.fetchval("SELECT count(*) FROM sign_ins WHERE expires_at > now()")
    assert seen == 0
    assert await connection.execute("DELETE FROM sign_ins WHERE expires_at > now()") == "DELETE 0"
    await connection.close()
    assert await in_database(settings, studio.id, "SELECT count(*) FROM sign_ins") == 1


async def test_wrong_guesses_are_forgotten_when_they_count_no_more(
    catalog: httpx2.AsyncClient, settings: CatalogSettings, clock: Path
) -> None:
    email = f"{uuid4().hex}@nobody.example"
    body = {"email": email, "password": PASSWORD}
    assert (await catalog.post("/api/auth/sign-in", json=body)).status_code == 401
    old = "SELECT count(*) FROM failed_sign_ins WHERE at <= now() - interval '15 minutes'"
    await in_database(
        settings,
        uuid4(),
        "INSERT INTO failed_sign_ins (email_digest, at) "
        f"SELECT 'x', now() - interval '16 minutes' FROM generate_series(1, {2 * BATCH})",
    )

    async def gone() -> bool:
        return bool(await in_database(settings, uuid4(), old) == 0)

    await swept(settings, clock, gone)
    assert await in_database(settings, uuid4(), "SELECT count(*) FROM failed_sign_ins") >= 1
