"""What the tables of a running stack say of one business."""

from typing import Any

import psycopg
from psycopg.rows import TupleRow

from stack.testing import RunningStack

COPIES = {
    "scheduling": ("businesses", "services", "staff_members", "customers", "booking_pages"),
    "pilates": ("businesses", "services", "staff_members", "customers", "booking_pages"),
    "portal": ("businesses", "customers"),
    "notifications": ("businesses", "customers", "staff_members"),
}
"""Tables that follow catalog's table of the same name."""

TOLD = {
    "services": """
        (SELECT *, ARRAY(SELECT staff_id FROM offers WHERE service_id = services.id) AS staff_ids
         FROM services)
    """,
    "booking_pages": """
        (SELECT *, configuration->'service_ids' AS service_ids,
                configuration->'class_ids' AS class_ids FROM booking_pages)
    """,
}
"""Where catalog keeps a thing in another shape than the one it tells others."""


def rows(
    stack: RunningStack, service: str, business_id: str, query: str, **values: Any
) -> list[TupleRow]:
    """Read as the service itself would, behind the wall around this business."""
    with psycopg.connect(stack.facts["database_urls"][service]["app"]) as connection:
        connection.execute("SELECT set_config('app.business_id', %s, true)", [business_id])
        return connection.execute(query.encode(), values or None).fetchall()


def deadlocks(stack: RunningStack, service: str) -> list[str]:
    """Among those who decide; listeners that take events by the batch may meet, and go on."""
    lines = stack.log("postgres").splitlines()
    return [one for one in lines if "deadlock detected" in one and f"{service}_app" in one]


def differing_copies(stack: RunningStack, business_id: str) -> list[str]:
    """Copies that do not (yet) say what catalog says, wherever both have a column of a name."""
    differing = []
    for service, tables in COPIES.items():
        for table in tables:
            source = things(stack, "catalog", business_id, TOLD.get(table, table))
            copy = things(stack, service, business_id, table)
            if source.keys() != copy.keys() or any(
                differ(thing, copy[id_]) for id_, thing in source.items()
            ):
                differing.append(f"{service}.{table}")
    return differing


def things(
    stack: RunningStack, service: str, business_id: str, table: str
) -> dict[str, dict[str, Any]]:
    found = rows(stack, service, business_id, f"SELECT to_jsonb(t) FROM {table} AS t")
    return {thing.get("id", business_id): thing for (thing,) in found}


def differ(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return any(plain(one[name]) != plain(other[name]) for name in one.keys() & other.keys())


def plain(value: Any) -> Any:
    """Ids of those who offer a service come in any order."""
    return sorted(value, key=str) if isinstance(value, list) else value
