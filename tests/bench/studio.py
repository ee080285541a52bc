"""The studio of every bench: twenty people, one of whom works at night, and a page."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2

from chassis.testing import eventually, publish
from contracts import catalog

PEOPLE = 20
OPENS, CLOSES = "08:00", "20:00"
ZONE = "Europe/Berlin"
DURATION, BUFFER_BEFORE, BUFFER_AFTER, STEP = 30, 5, 10, 15
"""Minutes, of the one service there is."""


def weekly(*, at_night: bool) -> list[dict[str, Any]]:
    """Twelve hours on the wall, every day."""
    opens, closes = (CLOSES, OPENS) if at_night else (OPENS, CLOSES)
    return [{"weekday": day, "starts_at": opens, "ends_at": closes} for day in range(7)]


@dataclass
class Studio:
    id: UUID = field(default_factory=uuid4)
    slug: str = "bench"
    staff: list[UUID] = field(default_factory=lambda: sorted(uuid4() for _ in range(PEOPLE)))
    """The first of them works at night, across the change-over."""
    services: dict[int, UUID] = field(default_factory=lambda: {5: uuid4(), PEOPLE: uuid4()})
    """By how many people offer it."""

    def service(self, people: int) -> catalog.Service:
        return catalog.Service(
            id=self.services[people],
            version=1,
            name="Reformer private",
            duration_minutes=DURATION,
            buffer_before_minutes=BUFFER_BEFORE,
            buffer_after_minutes=BUFFER_AFTER,
            slot_step_minutes=STEP,
            price_cents=9500,
            deposit_cents=0,
            staff_ids=self.staff[:people],
            resource_kinds=[],
            credit_cost=0,
            notice_minutes=0,
            horizon_days=730,
            cancellation_window_minutes=1440,
            requires_approval=False,
            questions=[],
        )

    def events(self) -> list[Any]:
        """All that scheduling has to hear."""
        place = {"occurred_at": datetime.now(UTC), "business_id": self.id}
        business = catalog.Business(
            id=self.id,
            version=1,
            slug=self.slug,
            name="Bench",
            time_zone=ZONE,
            currency="EUR",
            locale="en",
        )
        page = catalog.BookingPage(
            id=uuid4(),
            version=1,
            slug=self.slug,
            title="Book with us",
            published=True,
            service_ids=list(self.services.values()),
            questions=[],
        )
        people = [
            catalog.StaffMember(id=one, version=1, name=f"Tessa {number}", status="active")
            for number, one in enumerate(self.staff)
        ]
        return [
            catalog.BusinessChanged(business=business, **place),
            *(catalog.StaffMemberChanged(staff_member=person, **place) for person in people),
            *(
                catalog.ServiceChanged(service=self.service(people), **place)
                for people in self.services
            ),
            catalog.BookingPageChanged(booking_page=page, **place),
        ]


async def known_to_scheduling(
    studio: Studio, nats_url: str, port: int, bearer: dict[str, str]
) -> None:
    await publish(nats_url, *studio.events())
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=bearer) as client:

        async def has_hours(number: int) -> bool:
            told = {"weekly": weekly(at_night=number == 0)}
            path = f"/api/staff/{studio.staff[number]}/working-hours"
            return (await client.put(path, json=told)).is_success

        async def offers(people: int) -> bool:
            wanted = {"service_id": str(studio.services[people]), **a_day()}
            path = f"/api/public/booking/{studio.slug}/availability"
            return (await client.get(path, params=wanted)).is_success

        for number in range(PEOPLE):
            await eventually(lambda number=number: has_hours(number), within_seconds=30)
        for people in studio.services:
            await eventually(lambda people=people: offers(people), within_seconds=30)


def a_day() -> dict[str, str]:
    today = str(datetime.now(UTC).date())
    return {"from": today, "to": today}
