from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from contracts.moments import YEARS


def plain_date(typed: object) -> date:
    """Nothing but `2027-01-31`: numbers, instants and week dates are no dates here."""
    day = date.fromisoformat(typed) if isinstance(typed, str) else typed
    if type(day) is not date or day.year not in YEARS or typed not in (day, day.isoformat()):
        raise ValueError(f"is no date such as 2027-01-31, between {YEARS.start} and {YEARS.stop}")
    return day


LocalDate = Annotated[date, BeforeValidator(plain_date)]
