"""What tests of notifications stand on: a studio that tells us things, and a mailbox to look in."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
from nats.js.errors import NoStreamResponseError

from chassis.testing import eventually, publish
from contracts.event import Event
from contracts.scheduling import Appointment, AppointmentCancelled, AppointmentConfirmed

Mail = dict[str, Any]


def lesson(**changed: Any) -> Appointment:
    id_ = uuid4()
    starts_at = changed.get("starts_at", datetime.now(UTC) + timedelta(days=2))
    told = {
        "id": id_,
        "version": 1,
        "uid": f"{id_}@bookly",
        "sequence": 0,
        "status": "confirmed",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=55),
        "service_id": uuid4(),
        "service_name": "Reformer private",
        "staff_id": uuid4(),
        "staff_name": "Lena",
        "customer_id": uuid4(),
        "customer_name": "Ana Silva",
        "customer_email": f"{uuid4().hex}@example.com",
        "customer_phone": None,
        "price_cents": 9500,
        "currency": "EUR",
        "business_name": "Core Berlin",
        "time_zone": "Europe/Berlin",
        "locale": "de-DE",
    }
    return Appointment.model_validate(told | changed)


@dataclass(frozen=True)
class Studio:
    """Says what scheduling and catalog would say of one business."""

    nats_url: str
    business_id: UUID = field(default_factory=uuid4)

    async def tell(self, *events: Event) -> None:
        async def told() -> bool:
            try:
                await publish(self.nats_url, *events)
            except NoStreamResponseError:
                # The worker makes the stream when it starts to listen.
                return False
            return True

        await eventually(told)

    async def confirm(self, **changed: Any) -> Appointment:
        booked = lesson(**changed)
        await self.tell(self.confirmed(booked))
        return booked

    def confirmed(self, booked: Appointment, **changed: Any) -> AppointmentConfirmed:
        return AppointmentConfirmed.model_validate(self._envelope(booked) | changed)

    def cancelled(self, booked: Appointment, **changed: Any) -> AppointmentCancelled:
        told = {
            "version": booked.version + 1,
            "sequence": booked.sequence + 1,
            "status": "cancelled",
        }
        envelope = self._envelope(booked.model_copy(update=told))
        return AppointmentCancelled.model_validate(
            envelope | {"cancelled_by": "business"} | changed
        )

    def _envelope(self, booked: Appointment) -> dict[str, Any]:
        return {
            "business_id": self.business_id,
            "occurred_at": datetime.now(UTC),
            "appointment": booked,
        }


@dataclass(frozen=True)
class Mailbox:
    url: str
    smtp_port: int

    async def mails(self, to: str | None) -> list[Mail]:
        assert to is not None
        async with httpx2.AsyncClient() as client:
            answer = await client.get(f"{self.url}/mailbox.json", params={"to": to})
        mails: list[Mail] = answer.json()
        return mails

    async def first_mail(self, to: str | None, *, within_seconds: float = 40) -> Mail:
        mails = await eventually(lambda: self.mails(to), within_seconds=within_seconds)
        return mails[0]


def calendar_of(mail: Mail) -> str:
    (text,) = (part["text"] for part in mail["attachments"] if part["text"])
    return str(text)


async def messages_of(
    notifications: httpx2.AsyncClient, member: dict[str, str], **wanted: str
) -> list[dict[str, Any]]:
    answer = await notifications.get("/api/messages", headers=member, params=wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
