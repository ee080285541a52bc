from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import PageRequest, read_page
from chassis.problems import NotFound
from pilates.customer_packages.models import CustomerPackage, Freeze, LedgerEntry
from pilates.customer_packages.schemas import PackageFilter, PackageState, PackageView


async def read(session: AsyncSession, business_id: UUID, package_id: UUID) -> CustomerPackage:
    package = await session.get(CustomerPackage, (business_id, package_id))
    if package is None:
        raise NotFound
    return package


async def find(
    session: AsyncSession, business_id: UUID, wanted: PackageFilter, today: date
) -> tuple[list[CustomerPackage], str | None]:
    packages = select(CustomerPackage).where(CustomerPackage.business_id == business_id)
    if wanted.customer_id is not None:
        packages = packages.where(CustomerPackage.customer_id == wanted.customer_id)
    if wanted.state is not None:
        packages = packages.where(is_in_state(wanted.state, today))
    return await read_page(session, packages, (CustomerPackage.id,), wanted)


async def find_entries(
    session: AsyncSession, business_id: UUID, package_id: UUID, wanted: PageRequest
) -> tuple[list[LedgerEntry], str | None]:
    await read(session, business_id, package_id)
    entries = select(LedgerEntry).where(
        LedgerEntry.business_id == business_id, LedgerEntry.package_id == package_id
    )
    return await read_page(session, entries, (LedgerEntry.position,), wanted)


def state_of(package: CustomerPackage, today: date) -> PackageState:
    if package.voided_at is not None:
        return "voided"
    if package.has_expired(today):
        return "expired"
    if package.is_frozen(today):
        return "frozen"
    return "active" if package.balance else "used_up"


def is_in_state(state: PackageState, today: date) -> ColumnElement[bool]:
    """As `state_of` says it of a row."""
    package = CustomerPackage
    if state == "voided":
        return package.voided_at.is_not(None)
    expired = package.expires_on < today
    valid = and_(
        package.voided_at.is_(None),
        or_(package.expires_on.is_(None), package.expires_on >= today),
    )
    rests = exists().where(
        Freeze.business_id == package.business_id,
        Freeze.package_id == package.id,
        Freeze.first_on <= today,
        or_(Freeze.last_on.is_(None), Freeze.last_on >= today),
    )
    return {
        "expired": and_(package.voided_at.is_(None), expired),
        "frozen": and_(valid, rests),
        "used_up": and_(valid, ~rests, package.balance == 0),
        "active": and_(valid, ~rests, package.balance > 0),
    }[state]


def view_of(package: CustomerPackage, today: date) -> PackageView:
    own = {
        name: getattr(package, name) for name in PackageView.model_fields if hasattr(package, name)
    }
    told = {"customer_name": package.customer.name, "state": state_of(package, today)}
    return PackageView.model_validate(own | told)
