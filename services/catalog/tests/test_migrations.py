"""What was written before a migration means the same after it."""

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command

from chassis.migrate import configuration, migrate
from stack.databases import create_database
from stack.postgres import Postgres

A_SERVICE = """
    INSERT INTO services (business_id, id, version, name, description, duration_minutes,
        buffer_before_minutes, buffer_after_minutes, slot_step_minutes, price_cents,
        deposit_cents, resource_kinds, credit_cost, notice_minutes, horizon_days,
        cancellation_window_minutes, requires_approval, questions)
    VALUES (%s, %s, 1, %s, '', 55, 0, 0, 15, 9500, %s, '[]', 0, 0, 60, 0, false, '[]')
"""
A_PAGE = """
    INSERT INTO booking_pages (business_id, id, version, slug, title, published, configuration)
    VALUES (%s, %s, 1, %s, 'Book', true, %s)
"""
SERVICES = {0: ("pay_later", 0), 2000: ("fixed", 2000), 9999: ("fixed", 9500)}
PAGES: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    ({}, None),
    ({"deposit": {"mode": "none"}}, None),
    (
        {"deposit": {"mode": "fixed", "amount_cents": 500}},
        {"kind": "fixed", "amount_cents": 500, "percent": 0},
    ),
    (
        {"deposit": {"mode": "percent", "percent": 20}},
        {"kind": "percent", "amount_cents": 0, "percent": 20},
    ),
    ({"deposit": {"mode": "full"}}, {"kind": "full", "amount_cents": 0, "percent": 0}),
]


@pytest.fixture
def owner_url(database_server: Postgres) -> str:
    """Of a database that stands at the first migration, with a studio in it."""
    name = f"catalog_{uuid4().hex[:8]}"
    with database_server.connect() as connection:
        create_database(connection, name, "catalog")
    url = database_server.url(name, "catalog_owner")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        command.upgrade(configuration("catalog", connection), "0001")
    engine.dispose()
    return url


def test_older_deposits_are_kept(owner_url: str) -> None:
    studio = uuid4()
    inside = psycopg.connect(owner_url, autocommit=True)
    inside.execute("SELECT set_config('app.business_id', %s, false)", [str(studio)])
    for deposit_cents in SERVICES:
        inside.execute(A_SERVICE, [studio, uuid4(), f"For {deposit_cents}", deposit_cents])
    for number, (configured, _) in enumerate(PAGES):
        inside.execute(A_PAGE, [studio, uuid4(), f"page-{number}", json.dumps(configured)])
    migrate("catalog", owner_url)
    kept = inside.execute("SELECT name, deposit_kind, deposit_cents FROM services").fetchall()
    assert {name: tuple(rest) for name, *rest in kept} == {
        f"For {before}": after for before, after in SERVICES.items()
    }
    pages = inside.execute("SELECT configuration -> 'deposit' FROM booking_pages ORDER BY slug")
    assert [deposit for (deposit,) in pages] == [after for _, after in PAGES]
    inside.execute("SELECT set_config('app.business_id', %s, false)", [str(uuid4())])
    for table in ("services", "booking_pages"):
        (seen,) = inside.execute(f"SELECT count(*) FROM {table}").fetchone() or ()
        assert seen == 0, "The walls stand again, for the owner too"
    inside.close()
