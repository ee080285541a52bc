"""A studio whose classes guests pay for online, and all that has to do with money there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2

from chassis.testing import eventually
from contracts.event import Event
from contracts.pilates import DropInRefunded
from pilates.attendances.models import Attendance
from pilates.drop_ins.models import Payment
from services.pilates.tests.booking_page import publish_page
from services.pilates.tests.studio import Studio
from services.pilates.tests.telling import events
from stack.checkout_store import Checkout
from stack.checkout_testing import Sandbox

WEBHOOK = "/api/webhooks/class-payments/sandbox"
EVENING = "2027-01-11T18:00"


@dataclass
class Till:
    studio: Studio
    sandbox: Sandbox
    template_id: str

    async def publish(self, starts_at: str = EVENING, **changed: Any) -> str:
        """A class that is on the page."""
        made = await self.studio.publish_class(
            starts_at, **{"template_id": self.template_id} | changed
        )
        return str(made["id"])

    async def try_to_book(
        self, session_id: str, name: str = "ada", **changed: Any
    ) -> httpx2.Response:
        wanted = {
            "session_id": session_id,
            "customer": {"name": f"{name.title()} Guest", "email": f"{name}@guest.example"},
        }
        path = f"/api/public/booking/{self.studio.slug}/attendances"
        return await self.studio.client.post(path, json=wanted | changed)

    async def book(self, session_id: str, name: str = "ada", **changed: Any) -> "Booked":
        answer = await self.try_to_book(session_id, name, **changed)
        assert answer.status_code == 201, answer.text
        return Booked(self, answer.json())

    async def tell(self, kind: str, checkout: Checkout, **changed: object) -> None:
        """What the provider tells us, which it does until it is heard."""

        async def heard() -> bool:
            body, headers = self.sandbox.message(kind, checkout, **changed)
            answer = await self.studio.client.post(WEBHOOK, content=body, headers=headers)
            assert answer.status_code in (200, 503), answer.text
            return answer.status_code == 200

        await eventually(heard)

    async def receipts(self) -> list[dict[str, Any]]:
        return list((await self.studio.told("GET", "/class-receipts"))["items"])

    async def kinds(self) -> list[str]:
        return [receipt["kind"] for receipt in await self.receipts()]

    async def payments(self) -> list[Payment]:
        return await self.studio.rows(Payment, self.studio.id)

    async def told(self, *event_types: type[Event]) -> list[int]:
        """How often others have heard of each."""
        return [len(await events(self.studio, one)) for one in event_types]

    async def refund_causes(self) -> list[str]:
        return [event.cause for event in await events(self.studio, DropInRefunded)]


async def open_till(studio: Studio, sandbox: Sandbox) -> Till:
    template_id = await studio.template()
    await publish_page(studio, template_id)
    return Till(studio, sandbox, template_id)


@dataclass
class Booked:
    """The places of one party."""

    till: Till
    answer: dict[str, Any]

    @property
    def places(self) -> list[dict[str, Any]]:
        return list(self.answer["attendances"])

    @property
    def link(self) -> str:
        return httpx2.URL(self.answer["checkout_url"]).path

    @property
    def pay_by(self) -> datetime:
        return datetime.fromisoformat(self.places[0]["pay_by"])

    async def page(self) -> Checkout:
        """The provider's page."""
        answer = await self.till.studio.client.post(self.link)
        assert answer.status_code == 200, answer.text
        return self.till.sandbox.checkouts[answer.json()["url"].rpartition("/")[2]]

    async def checkout(self) -> Checkout:
        """Paid there; nobody has been told yet."""
        return self.till.sandbox.pay((await self.page()).id)

    async def pay(self) -> Checkout:
        checkout = await self.checkout()
        await self.till.tell("paid", checkout)
        return checkout

    async def state(self) -> dict[str, Any]:
        """As whoever has the link sees it."""
        answer = await self.till.studio.client.get(self.link.removesuffix("/checkout"))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def rows(self) -> list[Attendance]:
        ids = {place["id"] for place in self.places}
        found = await self.till.studio.rows(Attendance, self.till.studio.id)
        return [one for one in found if str(one.id) in ids]

    async def is_(self, status: str, payment_status: str) -> bool:
        found = {(one.status, one.payment_status) for one in await self.rows()}
        return found == {(status, payment_status)}

    async def cancel(self, at: int = 0, **wanted: Any) -> httpx2.Response:
        [row] = [one for one in await self.rows() if str(one.id) == self.places[at]["id"]]
        place = {"session_id": row.session_id, "id": row.id, "version": row.version}
        return await self.till.studio.cancel(place, **wanted)
