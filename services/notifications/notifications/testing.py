"""What tests of notifications stand on: a studio that tells us things, and a mailbox to look in."""

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx2
import icalendar
from nats.js.errors import NoStreamResponseError

from chassis.testing import eventually, publish
from contracts.event import Event
from contracts.receipts import Receipt
from contracts.scheduling import (
    Appointment,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentReopened,
    AppointmentRequested,
    AppointmentRescheduled,
    DepositPaid,
    DepositRefunded,
)

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
        "locale": "en-DE",
    }
    return Appointment.model_validate(told | changed)


def receipt_of(booked: Appointment, kind: Literal["payment", "refund"], number: int) -> Receipt:
    return Receipt(
        id=uuid4(),
        number=number,
        kind=kind,
        amount_cents=booked.deposit_cents,
        currency=booked.currency,
        issued_at=datetime.now(UTC),
    )


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

    def requested(self, booked: Appointment, **changed: Any) -> AppointmentRequested:
        return AppointmentRequested.model_validate(self._envelope(booked) | changed)

    def rescheduled(self, before: Appointment, **changed: Any) -> AppointmentRescheduled:
        """Says of each thing how it was, if it has changed."""
        now = {"version": before.version + 1, "sequence": before.sequence + 1} | changed
        booked = Appointment.model_validate(before.model_dump() | now)
        told: dict[str, Any] = {"previous_starts_at": before.starts_at}
        for name in ("ends_at", "staff_id", "staff_name"):
            if name in changed:
                told[f"previous_{name}"] = getattr(before, name)
        return AppointmentRescheduled.model_validate(self._envelope(booked) | told)

    def reopened(self, before: Appointment) -> AppointmentReopened:
        now = {"version": before.version + 1, "sequence": before.sequence + 1}
        booked = before.model_copy(update=now | {"status": "confirmed"})
        return AppointmentReopened.model_validate(self._envelope(booked))

    def paid(self, booked: Appointment, number: int) -> DepositPaid:
        receipt = receipt_of(booked, "payment", number)
        return DepositPaid.model_validate(self._envelope(booked) | {"receipt": receipt})

    def refunded(self, booked: Appointment, number: int, cause: str) -> DepositRefunded:
        told = {"receipt": receipt_of(booked, "refund", number), "cause": cause}
        return DepositRefunded.model_validate(self._envelope(booked) | told)

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

    async def mails_to(self, to: str | None, count: int) -> list[Mail]:
        """Oldest first, when there are as many."""

        async def arrived() -> list[Mail]:
            mails = await self.mails(to)
            return mails if len(mails) >= count else []

        mails = await eventually(arrived, within_seconds=40)
        assert len(mails) == count, [mail["subject"] for mail in mails]
        return list(reversed(mails))


def calendar_of(mail: Mail) -> str:
    (text,) = (part["text"] for part in mail["attachments"] if part["text"])
    return str(text)


def invited(mail: Mail) -> tuple[str, str, int, str]:
    """METHOD, UID, SEQUENCE and STATUS."""
    calendar = icalendar.Calendar.from_ical(calendar_of(mail))
    (event,) = calendar.walk("VEVENT")
    method, uid, status = (
        str(said) for said in (calendar["METHOD"], event["UID"], event["STATUS"])
    )
    return method, uid, int(str(event["SEQUENCE"])), status


def words(text: str) -> str:
    """Without tags, and without the places where lines and narrow spaces break."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", text)).split())


def says(mail: Mail, *sentences: str) -> bool:
    """In the text and in the HTML alike."""
    return all(
        sentence in words(mail["text"]) and sentence in words(mail["html"])
        for sentence in sentences
    )


async def messages_of(
    notifications: httpx2.AsyncClient, member: dict[str, str], **wanted: str
) -> list[dict[str, Any]]:
    answer = await notifications.get("/api/messages", headers=member, params=wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
