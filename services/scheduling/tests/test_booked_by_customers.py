"""Appointments that customers book through the portal: as guests do, and also with credits."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest

from chassis.requests import Envelope, Refused
from chassis.testing import eventually
from contracts import catalog
from contracts.client_requests import (
    AppointmentSlots,
    BookAppointmentAsCustomer,
    BookingReply,
    ReadServicesForCustomer,
    ReadServiceSlots,
    ServicesForCustomer,
    SettleAppointmentAsCustomer,
)
from services.scheduling.tests.till import Booked, Till

NINE, TEN, ELEVEN = (f"2027-01-04T{hour}:00:00Z" for hour in ("09", "10", "11"))
DAYS_BEFORE = "2027-01-02T09:00:00+00:00"
NOT_FOUND = (404, "/problems/not-found")


class Asking:
    """The portal, on behalf of one customer."""

    def __init__(self, line: Any, studio: Any, customer_id: UUID) -> None:
        self.line, self.studio, self.customer_id = line, studio, customer_id

    async def __call__(self, request: type[Any], reply: type[Any], **wanted: Any) -> Any:
        known = {"business_id": self.studio.id, "customer_id": self.customer_id}
        asked = request.model_validate(known | wanted)
        body = asked.model_dump_json().encode()
        # Not by `ask`, whose patience a silent pilates has made short in these tests.
        answered = await self.line.request(asked.subject, body, 20)
        envelope = Envelope.model_validate_json(answered.data)
        if envelope.problem:
            raise Refused(envelope.problem)
        return reply.model_validate(envelope.reply)

    async def book(self, starts_at: str = NINE, **wanted: Any) -> BookingReply:
        said = {"service_id": self.studio.service, "request_id": uuid4(), "starts_at": starts_at}
        reply: BookingReply = await self(BookAppointmentAsCustomer, BookingReply, **said | wanted)
        return reply

    async def settle(
        self, booked: BookingReply, request_id: UUID | None = None, **more: Any
    ) -> BookingReply:
        assert booked.appointment
        known = {"request_id": request_id or uuid4(), "appointment_id": booked.appointment.id}
        said = known | more
        reply: BookingReply = await self(SettleAppointmentAsCustomer, BookingReply, **said)
        return reply

    async def services(self) -> ServicesForCustomer:
        found: ServicesForCustomer = await self(ReadServicesForCustomer, ServicesForCustomer)
        return found

    async def slots(self, **wanted: Any) -> AppointmentSlots:
        said = {
            "service_id": self.studio.service,
            "begins": "2027-01-04T00:00:00Z",
            "ends": "2027-01-05T00:00:00Z",
        }
        found: AppointmentSlots = await self(ReadServiceSlots, AppointmentSlots, **said | wanted)
        return found

    async def refused(self, what: Any, **wanted: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as no:
            await what(**wanted)
        return no.value.details["status"], no.value.details["type"]


@pytest.fixture
async def line(nats_url: str) -> Any:
    connection = await nats.connect(nats_url)
    yield connection
    await connection.close()


@pytest.fixture
def asking(line, sandbox, migrated):
    async def of(studio: Any) -> Asking:
        ada = catalog.Customer(
            id=uuid4(), version=1, name="Ada", email="ada@example.com", phone="+4930901820"
        )
        await studio.tell(catalog.CustomerChanged, customer=ada)
        known = f"SELECT 1 FROM customers WHERE id = '{ada.id}'"
        rows = Till(studio, sandbox, migrated("scheduling")).rows

        async def is_known() -> bool:
            return bool(rows(known))

        await eventually(is_known)
        return Asking(line, studio, ada.id)

    return of


@pytest.fixture
async def things(open_things, clock) -> Any:
    found = await open_things()
    clock.set(DAYS_BEFORE)
    return found


@pytest.fixture
async def ada(things, line) -> Asking:
    return Asking(line, things.studio, await things.introduce())


async def test_with_a_credit_it_is_confirmed_and_debited_once(things, ada) -> None:
    await things.sell()
    request_id = uuid4()
    asked = await ada.book(request_id=request_id)
    assert asked.appointment
    assert (asked.settling, asked.appointment.status) == (True, "pending")
    booked = await ada.settle(asked, request_id)
    assert booked.appointment
    assert (booked.settling, booked.appointment.status) == (False, "confirmed")
    assert (booked.appointment.credits, booked.appointment.price_cents) == (1, 0)
    assert booked.appointment.customer_id == ada.customer_id
    assert (await ada.book(request_id=request_id)).appointment == asked.appointment
    assert await ada.settle(asked, request_id) == booked
    assert (things.ledger(), things.balance()) == (["sale", "debit"], 4)
    [told] = things.told("appointment.confirmed")
    assert told["appointment"]["id"] == str(booked.appointment.id)
    [noted] = things.rows("SELECT actor, action FROM audit_trail WHERE action LIKE 'appointment%'")
    assert noted["actor"] == f"customer:{ada.customer_id}"
    assert noted["action"] == "appointment.booked_by_customer"


async def test_without_a_credit_it_says_why_and_the_same_may_be_asked_again(things, ada) -> None:
    request_id = uuid4()
    refused = await ada.settle(await ada.book(request_id=request_id), request_id)
    assert refused.appointment is None
    assert refused.problem
    assert refused.problem["type"] == "/problems/not-held"
    assert refused.problem["reason"]["type"] == "/problems/no-credit"
    assert things.claims() == []
    assert things.rows("SELECT 1 FROM appointments") == []
    await things.sell()
    booked = await ada.settle(await ada.book(request_id=request_id), request_id)
    assert booked.appointment
    assert booked.appointment.status == "confirmed"


async def test_settled_by_many_at_once_it_is_debited_once(things, ada) -> None:
    await things.sell()
    asked = await ada.book()
    replies = await asyncio.gather(*(ada.settle(asked) for _ in range(6)))
    assert {one.appointment.status for one in replies if one.appointment} == {"confirmed"}
    assert (things.ledger(), len(things.told("appointment.confirmed"))) == (["sale", "debit"], 1)


async def test_while_pilates_is_away_it_goes_on_and_ends_by_itself(things, ada, clock) -> None:
    await things.sell()
    things.pilates.line.is_down = True
    asked = await ada.book()
    assert (await ada.settle(asked)).settling
    waits = await ada.settle(asked, waits_no_longer=True)
    assert waits.appointment
    assert (waits.settling, waits.appointment.status) == (True, "pending")
    things.pilates.line.is_down = False
    # The worker may have looked already, in vain, and looks again after a while.
    clock.set("2027-01-02T09:01:00+00:00")
    await things.becomes(str(waits.appointment.id), "confirmed")
    assert things.ledger() == ["sale", "debit"]


async def test_what_was_said_to_go_on_does_not_vanish(things, ada) -> None:
    things.pilates.line.is_down = True
    waits = await ada.settle(await ada.book(), waits_no_longer=True)
    assert waits.appointment
    things.pilates.line.is_down = False
    # Without a credit: whoever is told first, the customer or the worker.
    after = await ada.settle(waits)
    assert (after.problem or {})["type"] == "/problems/not-held"
    await things.becomes(str(waits.appointment.id), "cancelled")
    [told] = things.told("appointment.cancelled")
    assert (told["not_held"], told["was_confirmed"]) == ("no-credit", False)


async def test_as_long_as_somebody_waits_it_vanishes(things, ada) -> None:
    things.pilates.line.is_down = True
    waits = await ada.settle(await ada.book())
    assert waits.settling
    things.pilates.line.is_down = False
    after = await ada.settle(waits)
    assert (after.problem or {})["type"] == "/problems/not-held"
    assert things.rows("SELECT 1 FROM appointments") == []
    assert things.told("appointment.cancelled") == []


async def test_whoever_does_not_wait_finds_it_settled(things, ada, clock) -> None:
    await things.sell()
    asked = await ada.book()
    assert asked.appointment
    clock.set("2027-01-02T09:00:03+00:00")
    await things.becomes(str(asked.appointment.id), "confirmed")


async def test_a_deposit_is_paid_first_where_money_pays(open_till, asking, clock) -> None:
    till = await open_till()
    clock.set(DAYS_BEFORE)
    ada = await asking(till.studio)
    [service] = (await ada.services()).services
    assert (service.deposit_cents, service.credit_cost) == (2000, 0)
    waits = await ada.book()
    assert waits.appointment
    assert (waits.appointment.status, waits.appointment.deposit_status) == ("pending", "awaited")
    assert waits.appointment.pay_by
    assert waits.pay_url
    checkout_url = waits.pay_url.removesuffix("pay") + "checkout"
    booked = Booked(till, {"id": str(waits.appointment.id), "checkout_url": checkout_url})
    await till.tell("paid", await booked.checkout())
    assert await booked.is_("confirmed", "paid")


async def test_what_is_not_offered_or_another_businesss_does_not_exist(
    open_studio, asking, clock
) -> None:
    studio, other = await open_studio(), await open_studio()
    clock.set(DAYS_BEFORE)
    ada = await asking(studio)
    for odd in (
        {"service_id": other.service},
        {"service_id": uuid4()},
        {"business_id": other.id},
    ):
        for what in (ada.book, ada.slots):
            assert await ada.refused(what, **odd) == NOT_FOUND, (what, odd)
    booked = await ada.book()
    ben = await asking(studio)
    assert await ben.refused(ben.settle, booked=booked) == NOT_FOUND
    await hide_page(studio)

    async def is_hidden() -> bool:
        return not (await ada.services()).services

    await eventually(is_hidden)
    assert await ada.refused(ada.book, starts_at=ELEVEN) == NOT_FOUND
    assert await ada.refused(ada.slots) == NOT_FOUND


async def hide_page(studio: Any) -> None:
    page = catalog.BookingPage(
        id=studio.page_id,
        version=2,
        slug=studio.slug,
        title="Book",
        published=False,
        service_ids=[studio.service],
        questions=[],
    )
    await studio.tell(catalog.BookingPageChanged, booking_page=page)


async def test_what_is_offered_is_accepted_within_notice_and_horizon(
    open_studio, asking, clock
) -> None:
    ada = await asking(await open_studio(notice_minutes=60, horizon_days=1))
    clock.set("2027-01-04T08:00:00+00:00")
    offered = [f"{one.starts_at:%H:%M}" for one in (await ada.slots()).slots]
    assert (offered[0], offered[-1]) == ("09:00", "15:00")
    clock.set("2027-01-04T08:00:01+00:00")
    assert await ada.refused(ada.book) == (422, "/problems/too-short-notice")
    clock.set("2027-01-04T08:00:00+00:00")
    later = "2027-01-06T09:00:00Z"
    assert await ada.refused(ada.book, starts_at=later) == (422, "/problems/beyond-horizon")
    odd = "2027-01-04T09:10:00Z"
    assert await ada.refused(ada.book, starts_at=odd) == (422, "/problems/not-offered")
    odd = "2027-01-04T09:00:01Z"
    assert await ada.refused(ada.book, starts_at=odd) == (422, "/problems/invalid-request")
    booked = await ada.book()
    assert booked.appointment
    assert (booked.appointment.status, booked.settling) == ("confirmed", False)
    assert await ada.refused(ada.book) == (409, "/problems/slot-taken")
    for ends in ("2027-01-04T00:00:00Z", "2027-06-01T00:00:00Z"):
        assert await ada.refused(ada.slots, ends=ends) == (422, "/problems/invalid-request")


async def test_one_request_books_once_and_another_body_is_refused(
    open_studio, asking, clock
) -> None:
    ada = await asking(await open_studio(people=2))
    clock.set(DAYS_BEFORE)
    request_id = uuid4()
    replies = await asyncio.gather(*(ada.book(request_id=request_id) for _ in range(5)))
    assert len({reply.appointment.id for reply in replies if reply.appointment}) == 1
    reused = await ada.refused(ada.book, request_id=request_id, starts_at=TEN)
    assert reused == (422, "/problems/idempotency-key-reused")


async def test_questions_are_answered_and_money_pays_where_it_is_asked_to(
    open_studio, asking, clock
) -> None:
    asked = {"key": "aim", "label": "Your aim?", "required": True}
    studio = await open_studio(questions=[asked], credit_cost=1, requires_approval=True)
    ada = await asking(studio)
    clock.set(DAYS_BEFORE)
    [service] = (await ada.services()).services
    assert [one.key for one in service.questions] == ["aim"]
    assert await ada.refused(ada.book) == (422, "/problems/answers-refused")
    booked = await ada.book(pay_with="at_studio", answers={"aim": "to stand tall"})
    assert booked.appointment
    assert (booked.appointment.price_cents, booked.appointment.credits) == (9500, 0)
    assert booked.appointment.status == "pending", "the studio has to say yes"


async def test_what_costs_no_credit_is_not_paid_with_one(open_studio, asking, clock) -> None:
    ada = await asking(await open_studio())
    clock.set(DAYS_BEFORE)
    assert await ada.refused(ada.book, pay_with="credit") == (422, "/problems/not-payable-so")
