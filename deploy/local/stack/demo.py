"""Loads the demo studio through the gateway, as its owner would. Loading it again adds nothing."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import httpx2

from stack import demo_sign_in
from stack.demo_absences import absences
from stack.demo_calendar import ZONE, Visit, visits
from stack.demo_class_loading import Classes
from stack.demo_client import Owner, Refused
from stack.demo_customers import customers_csv
from stack.demo_studio import BUSINESS, SERVICES, STAFF, weekly_hours
from stack.progress import Progress
from stack.settings import settings_from

_AT_A_TIME = 6
_NOT_BOOKABLE = (409, 422)


class Studio:
    def __init__(self, owner: Owner, progress: Progress) -> None:
        self._owner = owner
        self._say = progress.say

    async def load(self) -> None:
        await self._owner.sign_in()
        staff = await self._owner.create_missing("/api/staff", [
            {"name": one.name, "email": one.email, "bio": one.bio, "colour": one.colour}
            for one in STAFF
        ])  # fmt: skip
        for person in STAFF:
            path = f"/api/staff/{staff[person.name]}/working-hours"
            await self._owner.ask("PUT", path, json={"weekly": weekly_hours(person)})
        self._say(f"{len(STAFF)} staff members with their hours")
        services = await self._owner.create_missing("/api/services", [
            {
                "name": offer.name,
                "description": offer.description,
                "duration_minutes": offer.duration_minutes,
                "price_cents": offer.price_cents,
                "staff_ids": [staff[name] for name in offer.offered_by],
                **offer.more,
            }
            for offer in SERVICES
        ])  # fmt: skip
        classes = Classes(self._owner, self._say)
        templates = await classes.offer()
        await self._publish_page(services, templates)
        self._say(f"{len(services)} services and the classes on a published booking page")
        await self._import_customers()
        customers = [one["id"] for one in await self._owner.everything("/api/customers")]
        self._say(f"{len(customers)} customers")
        await classes.fill(templates, sorted(customers), datetime.now(ZONE).date())
        await self._book(staff, services, sorted(customers))
        await self._take_time_off(staff)

    async def _publish_page(
        self, services: Mapping[str, str], templates: Mapping[str, str]
    ) -> None:
        pages = await self._owner.everything("/api/booking-pages")
        if any(page["slug"] == demo_sign_in.SLUG for page in pages):
            return
        page = {
            "slug": demo_sign_in.SLUG,
            "title": BUSINESS["business_name"],
            "published": True,
            "configuration": {
                "service_ids": list(services.values()),
                "class_ids": list(templates.values()),
            },
        }
        await self._owner.ask("POST", "/api/booking-pages", json=page)

    async def _import_customers(self) -> None:
        answer = await self._owner.ask(
            "POST",
            "/api/customers/import",
            content=customers_csv().encode(),
            headers={"Content-Type": "text/csv"},
        )
        if errors := answer.json()["errors"]:
            raise Refused(f"customers.csv: {errors[:3]}")

    async def _take_time_off(self, staff: Mapping[str, str]) -> None:
        known = {one["title"] for one in await self._owner.everything("/api/time-off")}
        for absence in absences(datetime.now(ZONE).date(), staff):
            if absence["title"] not in known:
                # What is booked then stays, and the calendar marks it.
                await self._owner.ask("POST", "/api/time-off", json=absence | {"force": True})
        self._say("time off and a closure")

    async def _book(
        self, staff: Mapping[str, str], services: Mapping[str, str], customers: list[str]
    ) -> None:
        planned = visits(datetime.now(ZONE).date())
        there = await self._booked(planned)
        missing = [visit for visit in planned if (staff[visit.staff], visit.starts_at) not in there]
        turns = asyncio.Semaphore(_AT_A_TIME)
        done = 0

        async def take_place(visit: Visit) -> None:
            nonlocal done
            async with turns:
                customer = customers[int(visit.customer * len(customers))]
                await self._visit(visit, staff[visit.staff], services[visit.service], customer)
            done += 1
            if done % 100 == 0:
                self._say(f"{done} of {len(missing)} appointments")

        await asyncio.gather(*map(take_place, missing))
        self._say(f"{len(planned)} appointments in the two weeks before today and after")

    async def _booked(self, planned: list[Visit]) -> set[tuple[str, datetime]]:
        begins, ends = planned[0].starts_at, planned[-1].starts_at + timedelta(days=1)
        known = await self._owner.everything(
            "/api/appointments", **{"from": begins.isoformat(), "to": ends.isoformat()}
        )
        return {(one["staff_id"], datetime.fromisoformat(one["starts_at"])) for one in known}

    async def _visit(self, visit: Visit, staff_id: str, service_id: str, customer: str) -> None:
        wanted = {
            "service_id": service_id,
            "staff_id": staff_id,
            "starts_at": visit.starts_at.isoformat(),
            "customer_id": customer,
            "notify_customer": False,
        }
        # Somebody else may have booked that time on the page since the plan was made.
        booked = await self._owner.ask(
            "POST", "/api/appointments", json=wanted, accept=_NOT_BOOKABLE
        )
        if booked.is_success and visit.is_cancelled:
            await self._owner.ask(
                "POST",
                f"/api/appointments/{booked.json()['id']}/cancel",
                json={"reason": "Caught a cold", "notify_customer": False},
                headers={"If-Match": booked.headers["ETag"]},
            )


async def load(url: str, progress: Progress) -> None:
    async with httpx2.AsyncClient(base_url=url, timeout=30) as http:
        await Studio(Owner(http), progress).load()


def main() -> int:
    home = settings_from(os.environ).home
    started = os.environ.get("BOOKLY_STARTED")
    try:
        url = json.loads((home / "ready.json").read_text())["url"]
    except FileNotFoundError:
        sys.stderr.write(f"Nothing runs from {home}; start it first: make run\n")
        return 1
    try:
        asyncio.run(load(url, Progress(float(started) if started else None)))
    except (Refused, httpx2.TransportError) as problem:
        sys.stderr.write(f"\nThe demo studio could not be loaded: {problem}\n")
        return 1
    demo_sign_in.marker(Path(home)).touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
