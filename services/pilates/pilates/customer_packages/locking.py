from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from pilates.customer_packages.models import CustomerPackage
from pilates.customer_packages.paying import lock_packages
from pilates.customer_packages.problems import SaleVoided


async def lock_package(
    session: AsyncSession, business_id: UUID, package_id: UUID
) -> CustomerPackage:
    """Raises NotFound for another business's as well."""
    locked = (await lock_packages(session, business_id, (), also=[package_id])).locked
    if package_id not in locked:
        raise NotFound
    return locked[package_id]


async def lock_sold(session: AsyncSession, business_id: UUID, package_id: UUID) -> CustomerPackage:
    """Raises SaleVoided."""
    package = await lock_package(session, business_id, package_id)
    check_sold(package)
    return package


def check_sold(package: CustomerPackage) -> None:
    if package.voided_at is not None:
        raise SaleVoided(voided_at=package.voided_at.isoformat())
