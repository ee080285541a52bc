"""Small worlds for sequences: four customers, two classes that overlap, three machines.

The first is made through the doors. Every other one is a copy of its rows at another time, so that
thousands of sequences can each begin in a world of their own.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.database import enter_business, in_transaction
from chassis.runtime import Runtime
from services.pilates.tests.studio import Studio

NAMES = ("ada", "bea", "cleo", "dora")
CREDITS = (1, 2, 3, 6)
FIRST_DAY = datetime(2028, 1, 3, tzinfo=UTC)
OPENS = timedelta(hours=9)
"""So long before the first class a sequence begins: inside and outside its windows."""

COPY = {
    table: text(
        f"""
        INSERT INTO {table}
        SELECT (jsonb_populate_record(original, coalesce(changed, '{{}}'))).*
        FROM {table} AS original
        JOIN unnest(CAST(:ids AS uuid[]), CAST(:changes AS jsonb[])) AS copy (id, changed)
        ON copy.id = original.id
        WHERE original.business_id = :business_id
        """
    )
    for table in (
        "customers",
        "customer_packages",
        "ledger_entries",
        "class_sessions",
        "reservations",
    )
}


@dataclass
class World:
    business_id: UUID
    customers: list[UUID]
    packages: list[UUID]
    sessions: list[UUID]
    machines: list[UUID]
    starts_at: datetime
    now: datetime


@dataclass
class Prototype:
    runtime: Runtime
    caller: Principal
    world: World
    rows: dict[str, list[dict[str, Any]]]
    made: int = 0

    async def another(self) -> World:
        """The same on another day, with other people."""
        self.made += 1
        shift = timedelta(days=self.made)
        ids: dict[str, str] = {}
        old = self.world
        changes = {table: self._changes(table, ids, shift) for table in COPY}

        async def copy(session: AsyncSession) -> None:
            await enter_business(session, old.business_id)
            for table, statement in COPY.items():
                originals = [row["id"] for row in self.rows[table]]
                asked = {"ids": originals, "changes": changes[table]}
                await session.execute(statement, asked | {"business_id": old.business_id})

        await in_transaction(self.runtime.sessions, copy)
        new = [[UUID(ids[str(id_)]) for id_ in of] for of in (old.customers, old.packages)]
        sessions = [UUID(ids[str(id_)]) for id_ in old.sessions]
        at = old.starts_at + shift
        return World(old.business_id, *new, sessions, old.machines, at, at - OPENS)

    def _changes(self, table: str, ids: dict[str, str], shift: timedelta) -> list[str]:
        changes = []
        for row in self.rows[table]:
            ids[row["id"]] = str(uuid4())
            changed = {
                name: ids[value]
                for name, value in row.items()
                if isinstance(value, str) and value in ids
            }
            for name in ("starts_at", "ends_at"):
                if name in row:
                    changed[name] = (datetime.fromisoformat(row[name]) + shift).isoformat()
            if "during" in row:
                changed["during"] = shifted(row["during"], shift)
            if table == "customers":
                changed["email"] = f"{uuid4().hex}@example.com"
            changes.append(json.dumps(changed))
        return changes


def shifted(during: str, shift: timedelta) -> str:
    first, last = during.strip('[)"').replace('"', "").split(",")
    ends = [(datetime.fromisoformat(at) + shift).isoformat() for at in (first, last)]
    return f"[{ends[0]},{ends[1]})"


async def prototype(studio: Studio, runtime: Runtime, caller: Principal) -> Prototype:
    """Ada has one credit and Dora six, and nothing expires while a sequence runs."""
    room, machines = await studio.room_with(3)
    customers = await studio.introduce(*NAMES)
    packages = [
        UUID(await studio.sell(name, await studio.package_type(credits=count)))
        for name, count in zip(NAMES, CREDITS, strict=True)
    ]
    starts_at = FIRST_DAY + timedelta(hours=17)
    wanted = {"capacity": 3, "largest_party": 3, "offer_minutes": 30}
    mapped = await studio.publish_class(
        starts_at.isoformat(), room_id=room, spot_kind="reformer", **wanted
    )
    offering = await studio.publish_class(
        (starts_at + timedelta(minutes=30)).isoformat(),
        **wanted | {"capacity": 2, "waitlist_mode": "offer"},
    )
    sessions = [UUID(mapped["id"]), UUID(offering["id"])]
    world = World(
        studio.id,
        customers,
        packages,
        sessions,
        [UUID(id_) for id_ in machines],
        starts_at,
        starts_at - OPENS,
    )

    async def read(session: AsyncSession) -> dict[str, list[dict[str, Any]]]:
        await enter_business(session, studio.id)
        found = {}
        for table in COPY:
            rows = await session.scalars(text(f"SELECT to_jsonb(t) FROM {table} AS t"))
            found[table] = list(rows)
        return found

    return Prototype(runtime, caller, world, await in_transaction(runtime.sessions, read))
