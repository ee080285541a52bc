"""Hours of the night, as the wall shows them, in which nobody is reminded of anything."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from calendaring.local_time import in_zone, local_date

DAY = timedelta(days=1)


class Night(NamedTuple):
    """`[begins_at, ends_at)`."""

    begins_at: datetime
    ends_at: datetime


class QuietHours(NamedTuple):
    """Over midnight where it begins later than it ends; never where they are the same."""

    begins: time
    ends: time

    def around(self, moment: datetime, zone: str) -> Night | None:
        """The night that this moment is in."""
        today = local_date(moment, zone)
        for day in (today - DAY, today):
            last_day = day if self.begins <= self.ends else day + DAY
            begins_at = in_zone(datetime.combine(day, self.begins), zone).instant
            ends_at = in_zone(datetime.combine(last_day, self.ends), zone).instant
            if begins_at <= moment < ends_at:
                return Night(begins_at, ends_at)
        return None
