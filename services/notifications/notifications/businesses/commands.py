from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.catalog import BusinessChanged
from notifications.businesses.models import Business


async def keep_business(session: AsyncSession, event: BusinessChanged) -> None:
    """Keep the newest version, in whatever order they come."""
    told = event.business.model_dump(include={"version", "name", "time_zone", "locale", "email"})
    statement = insert(Business).values(business_id=event.business_id, **told)
    newest = statement.on_conflict_do_update(
        index_elements=[Business.business_id],
        set_=told,
        where=Business.version < statement.excluded.version,
    )
    await session.execute(newest)
