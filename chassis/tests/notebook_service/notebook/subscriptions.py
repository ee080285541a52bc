"""Two reactions to one event; the second may be told to stumble."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.consumers import Subscriptions
from notebook.models import NoteWritten, Tally


async def count(session: AsyncSession, event: NoteWritten) -> None:
    await add_one(session, event, "count")


async def stumble(session: AsyncSession, event: NoteWritten) -> None:
    """Fails after it has written, as often as `stumbles` still says."""
    await add_one(session, event, "stumble")
    if stumbles.get(event.title, 0) > 0:
        stumbles[event.title] -= 1
        raise ValueError(f"The note of {event.title} is hard to read")


async def add_one(session: AsyncSession, event: NoteWritten, listener: str) -> None:
    one = insert(Tally).values(business_id=event.business_id, listener=listener, notes=1)
    await session.execute(
        one.on_conflict_do_update(
            index_elements=[Tally.business_id, Tally.listener], set_={"notes": Tally.notes + 1}
        )
    )


stumbles: dict[str, int] = {}

SUBSCRIPTIONS: Subscriptions = {NoteWritten: (count, stumble)}
