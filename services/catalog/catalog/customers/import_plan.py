"""What an import would change: each row of the table meets the customer it is about, if any."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.customers.csv_export import COLUMNS
from catalog.customers.models import Customer

Row = dict[str, Any]


@dataclass
class Plan:
    created: list[Row] = field(default_factory=list)
    changed: dict[UUID, Row] = field(default_factory=dict)
    """Customer id to the columns that differ."""
    unchanged: int = 0


async def plan(session: AsyncSession, business_id: UUID, rows: Sequence[Row]) -> Plan:
    """One read of all present customers: to look thousands of e-mails up one by one is slower.

    Row-level security compares `citext` after its own condition, so no index can help.
    """
    columns = [getattr(Customer, name) for name in COLUMNS]
    present = (
        select(Customer.id, *columns)
        .where(Customer.business_id == business_id, Customer.archived_at.is_(None))
        .order_by(Customer.id)
    )
    return match(rows, (await session.execute(present)).mappings())


def match(rows: Iterable[Row], present: Iterable[Any]) -> Plan:
    """By e-mail; who has none is known by name and phone, one row for each who shares them."""
    waiting: dict[Any, deque[Any]] = defaultdict(deque)
    for customer in present:
        waiting[key(customer)].append(customer)
    result = Plan()
    for row in rows:
        same = waiting[key(row)]
        if not same:
            result.created.append(row)
            continue
        customer = same.popleft()
        # The e-mail that found the customer may differ in case, which is no change.
        different = {
            name: value
            for name, value in row.items()
            if name != "email" and customer[name] != value
        }
        if different:
            result.changed[customer["id"]] = different
        else:
            result.unchanged += 1
    return result


def key(row: Any) -> tuple[str | None, ...]:
    email = row.get("email")
    return (email.casefold(),) if email else (row["name"], row.get("phone"))


def chunks(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
