from datetime import date, datetime, timedelta

from calendaring.local_time import local_date
from scheduling.copies.models import Service


def earliest_start(service: Service, now: datetime) -> datetime:
    """Notice is elapsed time, its boundary inclusive: allowed iff `now <= start - notice`."""
    return now + timedelta(minutes=service.notice_minutes)


def last_day(service: Service, zone: str, now: datetime) -> date:
    """The horizon counts local dates of the business, the last one included."""
    return local_date(now, zone) + timedelta(days=service.horizon_days)
