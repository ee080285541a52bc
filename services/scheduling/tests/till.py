"""A studio that asks for deposits, and all that has to do with money there."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import psycopg
from psycopg.rows import dict_row

from chassis.testing import eventually
from stack.checkout_store import Checkout
from stack.checkout_testing import Sandbox

DEPOSIT = {"kind": "fixed", "amount_cents": 2000}
NINE = "2027-01-04T08:00:00Z"
WEBHOOK = "/api/webhooks/payments/sandbox"


@dataclass
class Till:
    studio: Any
    sandbox: Sandbox
    database_url: str

    @property
    def owner(self) -> dict[str, str]:
        """Also when the clock has been moved."""
        expires_at = datetime(2028, 1, 1, tzinfo=UTC).timestamp()
        return self.studio.signer.bearer(self.studio.id, exp=expires_at)

    async def book(self, starts_at: str = NINE, **changed: Any) -> "Booked":
        answer = await self.studio.book(starts_at, **changed)
        assert answer.status_code == 201, answer.text
        return Booked(self, answer.json())

    async def tell(self, kind: str, checkout: Checkout, **changed: object) -> None:
        """What the provider tells us, which it does until it is heard."""

        async def heard() -> bool:
            answer = await self.try_to_tell(kind, checkout, **changed)
            assert answer.status_code in (200, 503), answer.text
            return answer.status_code == 200

        await eventually(heard)

    async def try_to_tell(
        self, kind: str, checkout: Checkout, **changed: object
    ) -> httpx2.Response:
        body, headers = self.sandbox.message(kind, checkout, **changed)
        answer: httpx2.Response = await self.studio.client.post(
            WEBHOOK, content=body, headers=headers
        )
        return answer

    async def receipts(self, **wanted: Any) -> list[dict[str, Any]]:
        answer = await self.studio.client.get("/api/receipts", params=wanted, headers=self.owner)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def kinds(self) -> list[str]:
        return [receipt["kind"] for receipt in await self.receipts()]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """As the service reads them: of this business alone."""
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            connection.execute(
                "SELECT set_config('app.business_id', %s, true)", [str(self.studio.id)]
            )
            return connection.execute(query.encode()).fetchall()

    def refund_causes(self) -> list[str]:
        """Why money has gone back, as listeners hear it."""
        told = self.rows(
            "SELECT body::json ->> 'cause' AS cause FROM outbox"
            f" WHERE address = 'scheduling.deposit.refunded.v1.{self.studio.id}' ORDER BY position"
        )
        return [row["cause"] for row in told]

    def shown(self) -> dict[str, Any]:
        """The appointment as open calendars have heard of it last."""
        [last] = self.rows(
            "SELECT body::json -> 'entry' AS entry FROM outbox WHERE address LIKE"
            f" 'scheduling.calendar-entry.changed.v1.{self.studio.id}%'"
            " ORDER BY position DESC LIMIT 1"
        )
        entry: dict[str, Any] = last["entry"]
        return entry

    def told(self) -> list[str]:
        """What listeners hear of this business, in order, without the live calendar."""
        with psycopg.connect(self.database_url) as connection:
            found = connection.execute(
                "SELECT address FROM outbox WHERE address LIKE %s ORDER BY position",
                [f"%.{self.studio.id}"],
            ).fetchall()
        names = [address.removeprefix("scheduling.").partition(".v1.")[0] for (address,) in found]
        return [name for name in names if not name.startswith("calendar-")]


@dataclass
class Booked:
    till: Till
    answer: dict[str, Any]

    @property
    def link(self) -> str:
        return httpx2.URL(self.answer["checkout_url"]).path

    @property
    def pay_by(self) -> datetime:
        return datetime.fromisoformat(self.answer["pay_by"])

    async def checkout(self) -> Checkout:
        """The provider's page, and paid there; nobody has been told yet."""
        answer = await self.till.studio.client.post(self.link)
        assert answer.status_code == 200, answer.text
        return self.till.sandbox.pay(answer.json()["url"])

    async def now(self) -> dict[str, Any]:
        studio = self.till.studio
        answer = await studio.client.get(
            f"/api/appointments/{self.answer['id']}", headers=self.till.owner
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def is_(self, status: str, deposit_status: str) -> bool:
        found = await self.now()
        return (found["status"], found["deposit_status"]) == (status, deposit_status)

    async def change(self, what: str, version: str | None = None, **wanted: Any) -> httpx2.Response:
        seen = version or f'"{(await self.now())["version"]}"'
        return await self.till.studio.client.post(
            f"/api/appointments/{self.answer['id']}/{what}",
            json=wanted,
            headers=self.till.owner | {"If-Match": seen},
        )


async def has_gone_back(till: Till) -> bool:
    return await till.kinds() == ["payment", "refund"]


async def is_ended(checkout: Checkout) -> bool:
    return checkout.state == "ended"
