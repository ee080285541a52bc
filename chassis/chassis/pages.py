"""Lists are paged by cursor: bounded, and stable while rows come and go."""

import base64
import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import InvalidRequest

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = None
    """Give it back as `cursor` for the next page; absent on the last one."""


class PageRequest(BaseModel, extra="forbid"):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=1000)


Paging = Annotated[PageRequest, Query()]


async def read_page(
    session: AsyncSession, statement: Select[Any], order: Sequence[Any], wanted: PageRequest
) -> tuple[list[Any], str | None]:
    """One page of entities in the order of these columns, the last of which is unique."""
    if wanted.cursor is not None:
        statement = statement.where(tuple_(*order) > tuple_(*position(wanted.cursor, order)))
    statement = statement.order_by(*order).limit(wanted.limit + 1)
    rows = list(await session.scalars(statement))
    if len(rows) <= wanted.limit:
        return rows, None
    rows = rows[: wanted.limit]
    return rows, cursor([getattr(rows[-1], column.key) for column in order])


def cursor(position: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(position, default=str).encode()).decode()


def position(cursor: str, order: Sequence[Any]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor))
        types = [column.type.python_type for column in order]
        pairs = zip(types, values, strict=True)
        return [getattr(type_, "fromisoformat", type_)(value) for type_, value in pairs]
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidRequest("The cursor is not one of ours.") from error
