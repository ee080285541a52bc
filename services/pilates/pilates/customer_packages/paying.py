"""Which package pays, and why another one does not; decided under the lock on all of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from calendaring.local_time import local_date
from pilates.customer_packages.models import CustomerPackage
from pilates.customer_packages.validity import Frozen, is_frozen


@dataclass(frozen=True)
class Charge:
    credits: int
    starts_at: datetime
    about: str
    """The class or service and its local date, for who reads the ledger."""
    is_class: bool
    template_id: UUID | None = None
    service_id: UUID | None = None
    attendance_id: UUID | None = None
    appointment_id: UUID | None = None
    id: UUID = field(default_factory=uuid4)
    """Of the debit in the ledger."""


@dataclass
class Packages:
    """Locked: nobody else spends their credits, or gives any back, until the commit."""

    locked: dict[UUID, CustomerPackage] = field(default_factory=dict)

    def by_id(self, package_id: UUID) -> CustomerPackage:
        return self.locked[package_id]

    def of(self, customer_id: UUID | None) -> list[CustomerPackage]:
        """Those that expire first come first; what has no end comes last."""
        own = (one for one in self.locked.values() if one.customer_id == customer_id)
        return sorted(own, key=spent_in_order)


def spent_in_order(package: CustomerPackage) -> tuple[date, datetime, UUID]:
    # As long as nobody knows how long it will be frozen, it goes by what it had without.
    last_day = package.expires_on or package.runs_until or date.max
    return last_day, package.sold_at, package.id


async def lock_packages(
    session: AsyncSession,
    business_id: UUID,
    customer_ids: Iterable[UUID | None],
    *,
    also: Collection[UUID | None] = (),
) -> Packages:
    """Every package of these customers, and these; in the order of their ids, as everywhere."""
    customers, ids = set(customer_ids) - {None}, set(also) - {None}
    if not customers and not ids:
        return Packages()
    concerned = or_(CustomerPackage.customer_id.in_(customers), CustomerPackage.id.in_(ids))
    found = await session.scalars(
        in_order(business_id, concerned)
        .options(joinedload(CustomerPackage.freezes))
        .with_for_update(key_share=True, of=CustomerPackage)
        .execution_options(populate_existing=True)
    )
    return Packages({package.id: package for package in found.unique()})


async def read_packages(session: AsyncSession, business_id: UUID, customer_id: UUID) -> Packages:
    """To tell what would pay, not to spend it: nothing is locked."""
    found = await session.scalars(in_order(business_id, CustomerPackage.customer_id == customer_id))
    return Packages({package.id: package for package in found})


def in_order(business_id: UUID, concerned: ColumnElement[bool]) -> Select[CustomerPackage]:
    these = select(CustomerPackage).where(CustomerPackage.business_id == business_id, concerned)
    return these.order_by(CustomerPackage.id)


def reasons_against(
    package: CustomerPackage,
    freezes: Iterable[Frozen],
    charge: Charge,
    zone: str,
    now: datetime,
) -> list[str]:
    """Empty: it can pay.

    It is valid on the day of the class and not over today; and it is frozen neither today, when it
    would pay, nor on the day of the class.
    """
    freezes = tuple(freezes)
    today, day = local_date(now, zone), local_date(charge.starts_at, zone)
    found = {
        "voided": package.voided_at is not None,
        "expired": package.has_expired(max(today, day)),
        "frozen": is_frozen(freezes, today) or is_frozen(freezes, day),
        "not_eligible": not is_eligible(package, charge),
        "too_few_credits": package.balance < charge.credits,
    }
    return [reason for reason, holds in found.items() if holds]


def reasons_against_moving(
    package: CustomerPackage, charge: Charge, zone: str, now: datetime
) -> list[str]:
    """What it has paid already is to be another class, or another time, of the same cost."""
    reasons = reasons_against(package, package.freezes, charge, zone, now)
    return [reason for reason in reasons if reason != "too_few_credits"]


def is_eligible(package: CustomerPackage, charge: Charge) -> bool:
    """What is listed is paid for; no list means everything."""
    listed = package.template_ids if charge.is_class else package.service_ids
    wanted = charge.template_id if charge.is_class else charge.service_id
    return listed is None or wanted in listed


def chosen(
    packages: Packages, customer_id: UUID | None, charge: Charge, zone: str, now: datetime
) -> CustomerPackage | None:
    """Of those that can pay the one that expires first."""
    for package in packages.of(customer_id):
        if not reasons_against(package, package.freezes, charge, zone, now):
            return package
    return None


def can_pay(
    packages: Packages,
    customer_id: UUID | None,
    charge: Charge,
    places: int,
    zone: str,
    now: datetime,
) -> bool:
    """So many places, each charged by itself; one package need not have the credits for all."""
    payable = sum(
        package.balance // charge.credits if charge.credits else places
        for package in packages.of(customer_id)
        if not reasons_against(package, package.freezes, charge, zone, now)
    )
    return payable >= places


def why_nobody_pays(
    packages: Packages, customer_id: UUID | None, charge: Charge, zone: str, now: datetime
) -> list[dict[str, Any]]:
    """For a NoCredit. Empty where the customer has no package at all."""
    return [
        {
            "package_id": str(package.id),
            "name": package.name,
            "reasons": reasons_against(package, package.freezes, charge, zone, now),
        }
        for package in packages.of(customer_id)
    ]
