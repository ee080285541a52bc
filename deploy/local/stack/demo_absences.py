"""When the people of the demo studio are not there, although they work."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any


def absences(today: date, staff: Mapping[str, str]) -> list[dict[str, Any]]:
    """A course every week, a day at the dentist's, and an evening when the studio is closed."""
    monday = today + timedelta(days=7 - today.weekday())

    def at(weekday: int, clock: str) -> str:
        return f"{monday + timedelta(days=weekday)}T{clock}"

    return [
        {
            "title": "Physiotherapy course",
            "staff_id": staff["Mira Özkan"],
            "starts_at": at(3, "14:00"),
            "ends_at": at(3, "16:30"),
            "rule": "FREQ=WEEKLY",
        },
        {
            "title": "Dentist",
            "staff_id": staff["Jonas Weber"],
            "starts_at": at(2, "10:00"),
            "ends_at": at(2, "11:30"),
        },
        {
            "title": "Team evening",
            "staff_id": None,
            "starts_at": at(4, "18:00"),
            "ends_at": at(4, "22:00"),
        },
    ]
