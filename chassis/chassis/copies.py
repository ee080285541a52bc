"""A copy of what another service owns, fed by the snapshots in its events."""

from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from chassis.consumers import Handler
from contracts.event import Event, Snapshot


def keep(model: type[DeclarativeBase]) -> Handler:
    """A handler that keeps the one snapshot in an event as a row of this model."""

    async def keep_latest(session: AsyncSession, event: Event) -> None:
        [snapshot] = (told for _, told in event if isinstance(told, Snapshot))
        await keep_copy(session, model, event.business_id, snapshot)

    keep_latest.__name__ = f"keep_{model.__tablename__}"
    return keep_latest


async def keep_copy(
    session: AsyncSession, model: type[DeclarativeBase], business_id: UUID, snapshot: Snapshot
) -> None:
    """Keep the snapshot, each field in the column of its name, unless the copy has passed it."""
    mapper = inspect(model)
    values = snapshot.model_dump(include=set(mapper.columns.keys())) | {"business_id": business_id}
    statement = insert(model).values(values)
    # Setting a key to itself would take the lock that makes every foreign key check wait.
    changing = {name: values[name] for name in values if not mapper.columns[name].primary_key}
    newer, key = mapper.columns["version"] < statement.excluded.version, mapper.primary_key
    upsert = statement.on_conflict_do_update(index_elements=key, set_=changing, where=newer)
    await session.execute(upsert)
