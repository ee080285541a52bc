"""Customers as a CSV table that our own import reads back without a change."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from catalog.customers.csv_cells import escape

COLUMNS = ("name", "email", "phone", "locale", "time_zone", "tags", "notes")


async def lines(
    batches: AsyncIterator[Sequence[Row[Any]]], *, with_notes: bool
) -> AsyncIterator[bytes]:
    columns = COLUMNS if with_notes else COLUMNS[:-1]
    yield written([columns])
    async for batch in batches:
        yield written([cell(row, column) for column in columns] for row in batch)


def cell(row: Row[Any], column: str) -> str:
    value = getattr(row, column)
    return escape("|".join(value) if column == "tags" else value or "")


def written(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
