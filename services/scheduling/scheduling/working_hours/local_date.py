from datetime import date
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from contracts.moments import YEARS


def local_date(typed: str | date) -> date:
    """Nothing but `2027-01-31`: numbers and instants are no dates."""
    day = date.fromisoformat(typed) if isinstance(typed, str) and len(typed) == 10 else typed
    if type(day) is not date or day.year not in YEARS:
        raise ValueError(f"is no date between {YEARS.start} and {YEARS.stop}")
    return day


LocalDate = Annotated[
    date,
    PlainValidator(local_date, json_schema_input_type=date),
    PlainSerializer(lambda day: day.isoformat(), when_used="json"),
]
