"""When a package becomes another one by itself, on the wall clock of its business."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from calendaring.local_time import in_zone
from contracts.moments import begin_of, end_of
from pilates.customer_packages.models import CustomerPackage

TOLD_DAYS = 7
"""So long before its last day somebody who has credits left is told."""
TOLD_AT = time(9)


def expires_at(last_day: date, zone: str) -> datetime:
    """The end of the local day, exclusive: from then on it is over."""
    return end_of(last_day, zone)


def told_at(package: CustomerPackage, zone: str) -> datetime | None:
    """None where it need not be told: once it has been, and of what is so short anyway."""
    if package.expires_on is None or package.expiry_told_at is not None:
        return None
    day = package.expires_on - timedelta(days=TOLD_DAYS)
    if package.starts_on is not None and day <= package.starts_on:
        return None
    return in_zone(datetime.combine(day, TOLD_AT), zone).instant


def next_look(package: CustomerPackage, zone: str, now: datetime) -> datetime | None:
    """What is overdue is due now: the look at it takes it away."""
    if package.voided_at is not None and package.balance == 0:
        return None
    ahead = [at for at in freezing(package, zone) if at > now]
    if package.balance > 0:
        ahead += [max(at, now) for at in expiring(package, zone)]
    return min(ahead, default=None)


def freezing(package: CustomerPackage, zone: str) -> Iterator[datetime]:
    for freeze in package.freezes:
        yield begin_of(freeze.first_on, zone)
        if freeze.last_on is not None:
            yield end_of(freeze.last_on, zone)


def expiring(package: CustomerPackage, zone: str) -> Iterator[datetime]:
    if package.expires_on is not None:
        yield expires_at(package.expires_on, zone)
    if (telling := told_at(package, zone)) is not None:
        yield telling
