"""A copy of what another service owns, fed by the snapshots in its events."""

from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from contracts.event import Snapshot


async def keep_copy(
    session: AsyncSession,
    model: type[DeclarativeBase],
    business_id: UUID,
    snapshot: Snapshot,
    **columns: Any,
) -> bool:
    """Keep the snapshot unless the copy has passed its version; tells whether it was news.

    Each column takes the field of its own name; `columns` says what a column takes instead.
    """
    mapper = inspect(model)
    told = snapshot.model_dump(include=set(mapper.columns.keys()))
    values = told | columns | {"business_id": business_id}
    statement = insert(model).values(values)
    # Setting a key to itself would take the lock that makes every foreign key check wait.
    changing = {name: values[name] for name in values if not mapper.columns[name].primary_key}
    newest = statement.on_conflict_do_update(
        index_elements=mapper.primary_key,
        set_=changing,
        where=mapper.columns["version"] < statement.excluded.version,
    )
    return await session.scalar(newest.returning(mapper.columns["version"])) is not None
