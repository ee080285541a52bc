from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import read_page
from chassis.problems import NotFound
from pilates.package_types.models import PackageType
from pilates.package_types.schemas import PackageTypeFilter


async def read(session: AsyncSession, business_id: UUID, type_id: UUID) -> PackageType:
    found = await session.get(PackageType, (business_id, type_id))
    if found is None:
        raise NotFound
    return found


async def find(
    session: AsyncSession, business_id: UUID, wanted: PackageTypeFilter
) -> tuple[list[PackageType], str | None]:
    types = select(PackageType).where(PackageType.business_id == business_id)
    if not wanted.archived:
        types = types.where(PackageType.archived_at.is_(None))
    return await read_page(session, types, (PackageType.name, PackageType.id), wanted)
