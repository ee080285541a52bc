"""The classes of the demo studio: where, with whom, for which credits, and how full they are."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

TEACHERS = (
    {"name": "Nina Baum", "email": "nina@core-berlin.example", "colour": "#1F8A8A",
     "bio": "Reformer classes, early and late."},
    {"name": "Paul Seidel", "email": "paul@core-berlin.example", "colour": "#A33B6A",
     "bio": "Mat classes with a sense of humour."},
)  # fmt: skip

ROOMS: tuple[dict[str, Any], ...] = (
    {"name": "Reformer room", "category": "room", "turnover_minutes": 10},
    {"name": "Mat room", "category": "room"},
)
REFORMERS = 8
_A_ROW = 4
MATS = {"name": "Mats", "category": "prop", "kind": "mat", "quantity": 14}

PACKAGE_TYPES: tuple[dict[str, Any], ...] = (
    {"name": "Ten classes", "credits": 10, "price_cents": 21000, "validity_days": 180,
     "valid_from": "first_use"},
    {"name": "Welcome trio", "credits": 3, "price_cents": 4900, "validity_days": 30,
     "once_per_customer": True},
    {"name": "Single class", "credits": 1, "price_cents": 2500, "validity_days": 60},
)  # fmt: skip
SOLD = ("Ten classes",) * 10 + ("Welcome trio",) * 4
"""One to each of the first customers."""
FULL = 10
"""So many ask for the fullest class; those who find no place wait."""


@dataclass(frozen=True)
class Weekly:
    template: str
    days: tuple[str, ...]
    clock: str

    def series(self, today: date) -> dict[str, Any]:
        """Two weeks of it, from tomorrow on."""
        tomorrow = today + timedelta(days=1)
        soon = (tomorrow + timedelta(days=n) for n in range(7))
        first = next(day for day in soon if _WEEKDAYS[day.weekday()] in self.days)
        rule = f"FREQ=WEEKLY;BYDAY={','.join(self.days)};COUNT={2 * len(self.days)}"
        return {"starts_at": f"{first}T{self.clock}", "rule": rule, "on_conflict": "skip"}


_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SERIES = (
    Weekly("Reformer Flow", ("MO", "TU", "WE", "TH", "FR"), "18:30"),
    Weekly("Reformer Express", ("TU", "TH"), "07:15"),
    Weekly("Mat Basics", ("MO", "WE", "SA"), "10:00"),
)


def reformers(room_id: str) -> list[dict[str, Any]]:
    """Two rows of four, seen from the door."""
    return [
        {
            "name": f"Reformer {number + 1}",
            "category": "machine",
            "kind": "reformer",
            "room_id": room_id,
            "label": f"R{number + 1}",
            "x": number % _A_ROW,
            "y": number // _A_ROW,
        }
        for number in range(REFORMERS)
    ]


def templates(staff: Mapping[str, str], resources: Mapping[str, str]) -> list[dict[str, Any]]:
    on_reformers = {
        "room_id": resources["Reformer room"],
        "spot_kind": "reformer",
        "capacity": REFORMERS,
        "instructor_id": staff["Nina Baum"],
    }
    return [
        {
            "name": "Reformer Flow",
            "description": "All levels, one machine each.",
            "duration_minutes": 50,
            "price_cents": 2500,
            **on_reformers,
        },
        {
            "name": "Reformer Express",
            "description": "Half an hour before work.",
            "duration_minutes": 30,
            "price_cents": 1800,
            "waitlist_mode": "offer",
            **on_reformers,
        },
        {
            "name": "Mat Basics",
            "description": "The six principles, on the mat.",
            "duration_minutes": 50,
            "price_cents": 1600,
            "capacity": 12,
            "room_id": resources["Mat room"],
            "instructor_id": staff["Paul Seidel"],
            "props": [{"resource_id": resources["Mats"], "quantity": 12}],
        },
    ]


def bookings(sessions: list[str], customers: list[str]) -> dict[str, list[str]]:
    """Who asks for which session: the first has too few places, then it thins out."""
    chance = random.Random("classes")  # noqa: S311 - a demo, not a secret
    counts = [FULL, *range(7, 1, -1)]
    return {
        session: chance.sample(customers, count)
        for session, count in zip(sessions, counts, strict=False)
    }
