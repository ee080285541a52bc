"""What the demo studio offers, who works there and when."""

from dataclasses import dataclass, field
from typing import Any

from stack import demo_sign_in

BUSINESS = {
    "business_name": "Core Berlin",
    "slug": demo_sign_in.SLUG,
    "time_zone": "Europe/Berlin",
    "currency": "EUR",
    "locale": "en",
    "name": "Katharina Brandt",
    "email": demo_sign_in.EMAIL,
    "password": demo_sign_in.PASSWORD,
}


@dataclass(frozen=True)
class Offer:
    name: str
    duration_minutes: int
    price_cents: int
    offered_by: tuple[str, ...]
    description: str
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    name: str
    bio: str
    colour: str
    weekdays: tuple[int, ...]
    """Monday is 0."""
    hours: tuple[tuple[str, str], ...]

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].casefold()}@core-berlin.example"


STAFF = (
    Person("Anna Keller", "Reformer and rehab; teaches since 2009.", "#B4532A", (0, 1, 2, 3),
           (("08:00", "12:00"), ("13:00", "17:00"))),
    Person("Jonas Weber", "Cadillac, tower, strong coffee.", "#2A6FB4", (0, 2, 4),
           (("10:00", "14:00"), ("15:00", "20:00"))),
    Person("Mira Özkan", "Pre- and postnatal Pilates.", "#3A8F5C", (1, 2, 3, 4),
           (("09:00", "13:00"), ("13:30", "16:30"))),
    Person("Luca Romano", "Mat work and breathing.", "#8A4FB0", (0, 1, 3, 5),
           (("07:30", "12:30"),)),
    Person("Sofia Petrova", "Former dancer; posture and feet.", "#C08A1E", (2, 3, 4, 5),
           (("11:00", "15:00"), ("16:00", "20:00"))),
    Person("Tom Fischer", "Massage and recovery.", "#4C5B6B", (0, 1, 4),
           (("12:00", "16:00"), ("16:30", "20:30"))),
)  # fmt: skip

_EVERYBODY_BUT_TOM = tuple(person.name for person in STAFF[:5])
_INJURIES = {
    "key": "injuries",
    "label": "Is there anything we should know, such as an injury?",
    "kind": "text",
}
SERVICES = (
    Offer("Private Reformer", 55, 9500, _EVERYBODY_BUT_TOM, "One to one on the reformer.",
          {"buffer_after_minutes": 5}),
    Offer("First Lesson", 30, 3900, _EVERYBODY_BUT_TOM, "Meet the reformer, and us.",
          {"buffer_after_minutes": 5, "questions": [_INJURIES],
           "deposit": {"kind": "full"}}),
    Offer("Private Mat", 55, 7500, ("Anna Keller", "Luca Romano", "Mira Özkan"),
          "One to one on the mat."),
    Offer("Duo Reformer", 55, 12000, ("Anna Keller", "Jonas Weber"), "You and a friend."),
    Offer("Tower and Cadillac", 55, 9900, ("Jonas Weber", "Sofia Petrova"),
          "Springs, straps and the big frame.", {"buffer_before_minutes": 5}),
    Offer("Prenatal Pilates", 45, 7900, ("Mira Özkan",), "For every month of a pregnancy.",
          {"questions": [_INJURIES]}),
    Offer("Rehab Session", 45, 8900, ("Anna Keller",), "With your physiotherapist's plan.",
          {"buffer_after_minutes": 10, "requires_approval": True, "questions": [_INJURIES]}),
    Offer("Posture Check", 45, 6500, ("Sofia Petrova", "Anna Keller"), "Photos, feet, a plan."),
    Offer("Express Reformer", 25, 4900, ("Luca Romano", "Jonas Weber"), "Before work.",
          {"buffer_after_minutes": 5, "notice_minutes": 60}),
    Offer("Recovery Massage", 60, 8500, ("Tom Fischer",), "Deep, slow, quiet.",
          {"buffer_after_minutes": 15, "cancellation_window_minutes": 720,
           "deposit": {"kind": "percent", "percent": 50}}),
)  # fmt: skip


def weekly_hours(person: Person) -> list[dict[str, Any]]:
    return [
        {"weekday": weekday, "starts_at": starts_at, "ends_at": ends_at}
        for weekday in person.weekdays
        for starts_at, ends_at in person.hours
    ]
