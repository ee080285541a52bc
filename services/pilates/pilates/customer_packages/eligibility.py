"""Why each package of a customer pays for something, or does not: the whole chain, for staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import instant_of
from chassis.auth import Principal
from chassis.problems import NotFound
from chassis.runtime import Runtime
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Customer, Service
from pilates.copies.queries import known, known_business
from pilates.customer_packages.paying import Charge, chosen, read_packages, reasons_against
from pilates.customer_packages.schemas import Eligibility, EligibilityQuestion, PackageAnswer


async def eligibility(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    asked: EligibilityQuestion,
    now: datetime,
) -> Eligibility:
    """As of now: whoever books decides it anew, under lock."""
    business = await known_business(session, runtime, caller.business_id)
    zone = business.time_zone
    await known(session, runtime, Customer, caller.business_id, asked.customer_id)
    charge = await charge_asked(session, runtime, caller.business_id, asked, zone)
    packages = await read_packages(session, caller.business_id, asked.customer_id)
    pays = chosen(packages, asked.customer_id, charge, zone, now) if charge.credits else None
    answers = [
        PackageAnswer(
            package_id=package.id,
            name=package.name,
            balance=package.balance,
            expires_on=package.expires_on,
            reasons=reasons_against(package, package.freezes, charge, zone, now),
        )
        for package in packages.of(asked.customer_id)
    ]
    return Eligibility(credits=charge.credits, pays=pays.id if pays else None, packages=answers)


async def charge_asked(
    session: AsyncSession,
    runtime: Runtime,
    business_id: UUID,
    asked: EligibilityQuestion,
    zone: str,
) -> Charge:
    if asked.session_id is not None:
        row = await session.get(ClassSession, (business_id, asked.session_id))
        if row is None:
            raise NotFound
        return Charge(
            credits=row.credit_cost,
            starts_at=row.starts_at,
            about=row.name,
            is_class=True,
            template_id=row.template_id,
        )
    assert asked.service_id is not None
    assert asked.starts_at is not None
    service = await known(session, runtime, Service, business_id, asked.service_id)
    return Charge(
        credits=service.credit_cost,
        starts_at=instant_of(asked.starts_at, zone),
        about=service.name,
        is_class=False,
        service_id=service.id,
    )
