"""What an import would change: each row of the table meets the customer it is about, if any."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.customers.models import Customer

CHUNK = 1000

Row = dict[str, Any]


@dataclass
class Plan:
    created: list[Row] = field(default_factory=list)
    changed: list[tuple[Customer, Row]] = field(default_factory=list)
    unchanged: int = 0


async def plan(session: AsyncSession, business_id: UUID, rows: Sequence[Row]) -> Plan:
    """Locks whom it may change, so that nothing else changes them before the import has."""
    emails = [row["email"] for row in rows if row.get("email")]
    nameless = [row["name"] for row in rows if not row.get("email")]
    known = await present(session, business_id, Customer.email, emails)
    known += await present(session, business_id, Customer.name, nameless, Customer.email.is_(None))
    return match(rows, known)


async def present(
    session: AsyncSession,
    business_id: UUID,
    column: Any,
    wanted: Sequence[str],
    *conditions: ColumnElement[bool],
) -> list[Customer]:
    found: list[Customer] = []
    for chunk in chunks(wanted, CHUNK):
        statement = (
            select(Customer)
            .where(Customer.business_id == business_id, Customer.archived_at.is_(None))
            .where(column.in_(chunk), *conditions)
            .order_by(Customer.id)
            .with_for_update(key_share=True)
        )
        found += await session.scalars(statement)
    return found


def match(rows: Iterable[Row], known: Iterable[Customer]) -> Plan:
    """By e-mail; who has none is known by name and phone, one row for each who shares them."""
    waiting: dict[Any, deque[Customer]] = defaultdict(deque)
    for customer in known:
        waiting[key(customer.email, customer.name, customer.phone)].append(customer)
    result = Plan()
    for row in rows:
        same = waiting[key(row.get("email"), row["name"], row.get("phone"))]
        if not same:
            result.created.append(row)
            continue
        customer = same.popleft()
        # The e-mail that found the customer may differ in case, which is no change.
        different = {
            name: value
            for name, value in row.items()
            if name != "email" and getattr(customer, name) != value
        }
        if different:
            result.changed.append((customer, different))
        else:
            result.unchanged += 1
    return result


def key(email: str | None, name: str, phone: str | None) -> tuple[str | None, ...]:
    return (email.casefold(),) if email else (name, phone)


def chunks(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
