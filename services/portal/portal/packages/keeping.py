from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import CustomerPackageEvent, LedgerEntryRecorded
from portal.erasures.queries import is_forgotten
from portal.packages.models import LedgerEntry, Package


async def keep_package(session: AsyncSession, event: CustomerPackageEvent) -> None:
    """The newest version."""
    told = event.package
    if await is_forgotten(session, event.business_id, told.customer_id):
        return
    values = {
        "business_id": event.business_id,
        "id": told.id,
        "version": told.version,
        "customer_id": told.customer_id,
        "sold_at": told.sold_at,
        "told": told.model_dump(mode="json"),
    }
    statement = insert(Package).values(values)
    changing = {n: statement.excluded[n] for n in values if n not in ("business_id", "id")}
    newest = statement.on_conflict_do_update(
        index_elements=["business_id", "id"],
        set_=changing,
        where=Package.version < statement.excluded.version,
    )
    await session.execute(newest)


async def keep_ledger_entry(session: AsyncSession, event: LedgerEntryRecorded) -> None:
    told = event.entry
    if await is_forgotten(session, event.business_id, told.customer_id):
        return
    values = {
        "business_id": event.business_id,
        "id": told.id,
        "package_id": told.package_id,
        "customer_id": told.customer_id,
        "at": told.at,
        "told": told.model_dump(mode="json"),
    }
    await session.execute(insert(LedgerEntry).values(values).on_conflict_do_nothing())
