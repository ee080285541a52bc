"""Machine and credit go with their appointment as it is moved, ends, and is open again."""

import json
from typing import Any
from uuid import uuid4

import nats
import pytest

from chassis.requests import ask
from contracts import catalog
from contracts.client_requests import (
    AppointmentReply,
    CancelAppointmentAsCustomer,
    RescheduleAppointmentAsCustomer,
)
from contracts.request import Request

NINE, TEN, ELEVEN = (f"2027-01-04T{hour}:00:00Z" for hour in ("09", "10", "11"))
HALF_PAST_NINE = "2027-01-04T09:30:00Z"


class Line:
    """As another service asks."""

    def __init__(self, connection: Any) -> None:
        self.nats = connection


@pytest.fixture
async def line(nats_url: str):
    connection = await nats.connect(nats_url)
    yield Line(connection)
    await connection.close()


async def as_customer(line: Line, things: Any, request: type[Request], **what: Any) -> Any:
    known = {
        "business_id": things.studio.id,
        "customer_id": things.customers["ada"],
        "request_id": uuid4(),
    }
    return await ask(line, request(**known | what), AppointmentReply)


async def test_it_moves_onto_its_own_time_with_its_only_machine_and_its_credit(
    open_things,
) -> None:
    things = await open_things()
    await things.sell()
    booked = await things.booked(NINE)
    moved = await things.change(booked["id"], "reschedule", starts_at=HALF_PAST_NINE)
    assert moved.status_code == 200, moved.text
    assert moved.json()["starts_at"] == HALF_PAST_NINE
    assert moved.headers["ETag"] == f'"{moved.json()["version"]}"'
    assert things.claims() == ["01-04 09:30"]
    await things.eventually(lambda: things.machines() == [(booked["id"], "01-04 09:30", 2)])
    assert (things.ledger(), things.balance()) == (["sale", "debit"], 4)
    [told] = things.told("appointment.rescheduled")
    assert told["appointment"]["hold_version"] == 2
    await things.eventually(lambda: things.hold(booked["id"])["standing_version"] == 2)


async def test_refused_it_stays_as_it_was(open_things) -> None:
    things = await open_things(people=2)
    await things.sell()
    first, second = (str(one) for one in things.studio.staff)
    await things.booked(ELEVEN, staff_id=first)
    booked = await things.booked(NINE, staff_id=second)
    await things.eventually(lambda: things.hold(booked["id"])["standing_version"] == 1)
    before = await things.now(booked["id"])
    refused = await things.change(booked["id"], "reschedule", starts_at=ELEVEN)
    assert refused.status_code == 409, refused.text
    assert refused.json()["reason"]["type"] == "/problems/machines-short"
    after = await things.now(booked["id"])
    assert after["refused"]["type"] == "/problems/not-held"
    known = ("refused", "version")
    assert {name: after[name] for name in after if name not in known} == {
        name: before[name] for name in before if name not in known
    }
    assert things.claims() == ["01-04 09:00", "01-04 11:00"]
    assert [begins for _, begins, _ in things.machines()] == ["01-04 09:00", "01-04 11:00"]
    # A number is never asked for twice, whatever became of it.
    moved = await things.change(booked["id"], "reschedule", starts_at="2027-01-04T13:00:00Z")
    assert (moved.status_code, moved.json()["refused"]) == (200, None)
    await things.eventually(lambda: things.machines()[-1][1:] == ("01-04 13:00", 3))


async def test_a_package_that_cannot_pay_for_the_new_time_keeps_it_where_it_is(
    open_things, clock
) -> None:
    things = await open_things()
    clock.set("2027-01-01T10:00:00Z")
    await things.sell(validity_days=7)
    booked = await things.booked(NINE)
    refused = await things.change(booked["id"], "reschedule", starts_at="2027-01-11T09:00:00Z")
    assert refused.status_code == 409, refused.text
    [reason] = refused.json()["reason"]["reasons"]
    assert reason["reasons"] == ["expired"]
    assert [begins for _, begins, _ in things.machines()] == ["01-04 09:00"]


async def test_another_person_gives_it_without_anybody_being_asked(open_things) -> None:
    things = await open_things(people=2)
    await things.sell()
    booked = await things.booked(NINE, staff_id=str(things.studio.staff[0]))
    things.pilates.line.is_down = True
    to = {"starts_at": NINE, "staff_id": str(things.studio.staff[1])}
    moved = await things.change(booked["id"], "reschedule", **to)
    assert (moved.status_code, moved.json()["staff_id"]) == (200, to["staff_id"])


async def test_both_times_are_kept_until_it_is_settled(open_things, clock) -> None:
    things = await open_things()
    await things.sell()
    booked = await things.booked(NINE)
    things.pilates.line.is_down = True
    accepted = await things.change(booked["id"], "reschedule", starts_at=TEN)
    assert accepted.status_code == 202, accepted.text
    assert (accepted.json()["starts_at"], accepted.json()["is_settled"]) == (NINE, False)
    assert things.claims() == ["01-04 09:00", "01-04 10:00"]
    for starts_at in (NINE, TEN):
        taken = await things.book(starts_at, pay_with="at_studio")
        assert taken.json()["type"] == "/problems/slot-taken"
    again = await things.change(booked["id"], "reschedule", starts_at=ELEVEN)
    assert again.json()["type"] == "/problems/still-settling"
    things.pilates.line.is_down = False
    clock.set("2027-01-01T10:00:00Z")

    async def moved() -> bool:
        return bool((await things.now(booked["id"]))["starts_at"] == TEN)

    await things.eventually(lambda: things.claims() == ["01-04 10:00"])
    assert await moved()
    await things.eventually(lambda: things.machines() == [(booked["id"], "01-04 10:00", 2)])


async def test_cancelled_on_its_way_both_times_are_free(open_things, clock) -> None:
    things = await open_things()
    await things.sell()
    booked = await things.booked(NINE)
    things.pilates.line.is_down = True
    assert (await things.change(booked["id"], "reschedule", starts_at=TEN)).status_code == 202
    assert (await things.change(booked["id"], "cancel")).status_code == 200
    assert things.claims() == []
    await things.eventually(lambda: things.hold(booked["id"])["over_version"] == 2)
    assert (things.machines(), things.balance()) == ([], 5)


async def test_a_customer_moves_it_and_the_worker_settles_that(open_things, line, clock) -> None:
    things = await open_things(people=2)
    await things.sell()
    booked = await things.booked(NINE, staff_id=str(things.studio.staff[0]))
    await things.booked(ELEVEN, staff_id=str(things.studio.staff[1]))
    clock.set("2027-01-02T08:00:00Z")
    to = {"appointment_id": booked["id"], "starts_at": TEN}
    reply = await as_customer(line, things, RescheduleAppointmentAsCustomer, **to)
    assert reply.settling
    await things.eventually(lambda: things.claims() == ["01-04 10:00", "01-04 11:00"])
    assert things.rows("SELECT action FROM audit_trail ORDER BY at DESC LIMIT 1") == [
        {"action": "appointment.rescheduled_by_customer"}
    ]
    to["starts_at"] = ELEVEN
    await as_customer(line, things, RescheduleAppointmentAsCustomer, **to)
    await things.eventually(lambda: bool(things.told("appointment.kept")))
    [told] = things.told("appointment.kept")
    assert (told["not_held"], told["wished_starts_at"]) == ("machines-short", ELEVEN)
    assert (await things.now(booked["id"]))["starts_at"] == TEN
    assert len(things.told("appointment.rescheduled")) == 1


@pytest.mark.parametrize(
    ("at", "kind", "balance"),
    [("2027-01-03T09:00:00Z", "reversal", 5), ("2027-01-03T09:00:01Z", "forfeiture", 4)],
)
async def test_a_customers_credit_comes_back_until_the_window_begins(
    open_things, line, clock, at, kind, balance
) -> None:
    things = await open_things()
    await things.sell()
    booked = await things.booked(NINE)
    clock.set(at)
    wanted = {"appointment_id": booked["id"]}
    await as_customer(line, things, CancelAppointmentAsCustomer, **wanted)
    await things.eventually(lambda: things.ledger() == ["sale", "debit", kind])
    assert (things.balance(), things.machines()) == (balance, [])


async def test_the_studio_gives_the_credit_back_whenever_it_cancels(open_things, clock) -> None:
    things = await open_things()
    clock.set("2027-01-01T10:00:00Z")
    await things.sell(validity_days=4)
    booked = await things.booked(NINE)
    clock.set("2027-01-04T08:59:00Z")
    assert (await things.change(booked["id"], "cancel")).status_code == 200
    await things.eventually(lambda: things.ledger() == ["sale", "debit", "reversal"])
    assert things.machines() == []


async def test_who_does_not_come_forfeits_it(open_things, clock) -> None:
    things = await open_things()
    await things.sell()
    booked = await things.booked(NINE)
    clock.set("2027-01-04T09:10:00Z")
    assert (await things.change(booked["id"], "no-show")).status_code == 200
    await things.eventually(lambda: things.ledger() == ["sale", "debit", "forfeiture"])
    await things.eventually(lambda: things.machines() == [])
    # They came after all: they have a machine again, and pay no second time.
    assert (await things.change(booked["id"], "reopen")).json()["status"] == "confirmed"
    assert things.machines() == [(booked["id"], "01-04 09:00", 2)]
    assert (things.ledger(), things.balance()) == (["sale", "debit", "forfeiture"], 4)


async def test_what_was_held_all_the_time_is_reopened_without_being_asked_for(
    open_things, clock
) -> None:
    things = await open_things()
    await things.sell()
    booked = await things.booked(NINE)
    clock.set("2027-01-04T09:10:00Z")
    assert (await things.change(booked["id"], "complete")).status_code == 200
    things.pilates.line.is_down = True
    assert (await things.change(booked["id"], "reopen")).json()["status"] == "confirmed"


async def test_reopened_it_is_paid_for_again_or_stays_cancelled(open_things) -> None:
    things = await open_things(people=2)
    await things.sell(worth=2)
    booked = await things.booked(NINE, staff_id=str(things.studio.staff[0]))
    assert (await things.change(booked["id"], "cancel")).status_code == 200
    opened = await things.change(booked["id"], "reopen")
    assert (opened.status_code, opened.json()["status"]) == (200, "confirmed"), opened.text
    await things.eventually(lambda: things.hold(booked["id"])["standing_version"] == 2)
    assert (len(things.machines()), things.balance()) == (1, 1)
    assert (await things.change(booked["id"], "cancel")).status_code == 200
    await things.eventually(lambda: (things.machines(), things.balance()) == ([], 2))
    await things.booked(NINE, staff_id=str(things.studio.staff[1]))
    refused = await things.change(booked["id"], "reopen")
    assert refused.json()["reason"]["type"] == "/problems/machines-short"
    assert (await things.now(booked["id"]))["status"] == "cancelled"
    assert len(things.claims()) == 1


async def test_a_service_of_before_is_asked_for_what_it_needs_once(
    open_things, nats_url, database_server
) -> None:
    things = await open_things()
    await things.sell()
    with database_server.connect("scheduling") as connection:
        forget = "UPDATE services SET resource_kinds = NULL, credit_cost = 0 WHERE business_id = %s"
        connection.execute(forget, [things.studio.id])
        connection.commit()
    connection = await nats.connect(nats_url)
    service = things.pilates.rows(things.studio.id, "SELECT * FROM services")[0]
    told = catalog.Service.model_validate(
        {
            **things.rows("SELECT * FROM services")[0],
            "resource_kinds": service["resource_kinds"],
            "credit_cost": service["credit_cost"],
        }
    )
    asked = []

    async def introduce(message: Any) -> None:
        asked.append(message)
        reply = catalog.Introduction(service=told).model_dump(mode="json")
        await message.respond(json.dumps({"reply": reply}).encode())

    await connection.subscribe("ask.catalog.introduction", cb=introduce)
    await connection.flush()
    await things.booked(NINE)
    once = len(asked)
    await things.booked(TEN)
    await connection.close()
    assert 0 < once == len(asked)
    assert len(things.machines()) == 2
