"""What is decided about the holds of one session comes one after the other."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

_names = func.unnest(bindparam("names", type_=ARRAY(String))).column_valued("name")
_keys = select(func.hashtextextended(_names, 0).label("key")).order_by("key").subquery()
LOCK = select(func.pg_advisory_xact_lock(_keys.c.key))


async def lock_sessions(session: AsyncSession, session_ids: Iterable[UUID]) -> None:
    """Until the commit; after people and before claims. So whoever asks late sees the release,
    and whoever releases sees what is held: there may be no row yet that either could lock.
    """
    await session.execute(LOCK, {"names": [f"session {id_}" for id_ in session_ids]})
