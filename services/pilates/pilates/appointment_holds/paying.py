"""The one debit of an appointment: made, kept as it moves, given back or forfeited."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from contracts.pilates import HoldForAppointment
from pilates.appointment_holds.models import AppointmentHold
from pilates.copies.models import Business
from pilates.customer_packages import ledger
from pilates.customer_packages.models import LedgerKind
from pilates.customer_packages.paying import (
    Charge,
    Packages,
    chosen,
    lock_packages,
    reasons_against_moving,
    why_nobody_pays,
)
from pilates.customer_packages.problems import NoCredit

ACTOR = "appointment"
"""Who did it, for the ledger: what is decided about the appointment itself."""


async def pay(
    session: AsyncSession,
    business: Business,
    row: AppointmentHold,
    asked: HoldForAppointment,
    packages: Packages,
    now: datetime,
) -> None:
    """Raises NoCredit, which says of each package why not.

    What is paid already stays paid if the package that did can pay for the new time too.
    """
    if not asked.credit_cost:
        return
    charge, zone = charge_of(asked, business), business.time_zone
    if row.debit_id and not await answers_of(session, row) & set(ledger.GIVES_BACK):
        check_still_pays(row, charge, packages, zone, now)
    else:
        package = chosen(packages, asked.customer_id, charge, zone, now)
        if package is None:
            why = why_nobody_pays(packages, asked.customer_id, charge, zone, now)
            raise NoCredit(reasons=why)
        entry = await ledger.debit(session, business, package, charge, ACTOR, now)
        row.debit_id, row.package_id, row.credits = entry.id, package.id, charge.credits
    row.debit_version, row.paid_for = asked.hold_version, asked.starts_at


def check_still_pays(
    row: AppointmentHold, charge: Charge, packages: Packages, zone: str, now: datetime
) -> None:
    assert row.package_id is not None, "whatever was paid was paid by a package"
    if charge.starts_at == row.paid_for:
        return
    package = packages.by_id(row.package_id)
    if reasons := reasons_against_moving(package, charge, zone, now):
        told = {"package_id": str(package.id), "name": package.name, "reasons": reasons}
        raise NoCredit(reasons=[told])


def charge_of(asked: HoldForAppointment, business: Business) -> Charge:
    day = local_date(asked.starts_at, business.time_zone)
    return Charge(
        credits=asked.credit_cost,
        starts_at=asked.starts_at,
        about=f"{asked.service_name}, {day.isoformat()}",
        is_class=False,
        service_id=asked.service_id,
        appointment_id=asked.appointment_id,
    )


async def answers_of(session: AsyncSession, row: AppointmentHold) -> set[str]:
    """Kinds of what has been entered about its debit since: given back, waived, forfeited."""
    if row.debit_id is None:
        return set()
    _, others = await ledger.debit_with_answers(session, row.business_id, row.debit_id)
    return {one.kind for one in others}


async def give_back(
    session: AsyncSession,
    row: AppointmentHold,
    *,
    by_studio: bool,
    reason: str | None,
    now: datetime,
) -> None:
    """After machines are released: packages are locked last."""
    if row.debit_id is None:
        return
    packages = await lock_packages(session, row.business_id, (), also=[row.package_id])
    await ledger.give_back(
        session,
        await session.get_one(Business, row.business_id),
        packages,
        row.debit_id,
        by_studio=by_studio,
        reason=reason,
        actor=ACTOR,
        now=now,
    )
    row.debit_id = None


async def forfeit(
    session: AsyncSession, row: AppointmentHold, *, reason: str | None, now: datetime
) -> None:
    """What was given back by hand before stays so."""
    packages = await lock_packages(session, row.business_id, (), also=[row.package_id])
    if row.debit_id is None or await answers_of(session, row):
        return
    business = await session.get_one(Business, row.business_id)
    await ledger.forfeit(
        session, business, packages, row.debit_id, reason=reason, actor=ACTOR, now=now
    )


async def is_forfeited(session: AsyncSession, row: AppointmentHold) -> bool:
    return LedgerKind.FORFEITURE in await answers_of(session, row)
