"""Appointments that need a machine or a credit: held in pilates, or not booked at all."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis import failpoints
from chassis.testing import eventually
from scheduling.things_needed.settling import settle

NINE, TEN, ELEVEN = (f"2027-01-04T{hour}:00:00Z" for hour in ("09", "10", "11"))


async def test_it_is_booked_with_one_machine_and_one_debit(open_things) -> None:
    things = await open_things()
    await things.sell()
    booked = await things.booked(NINE)
    assert (booked["status"], booked["is_settled"], booked["refused"]) == ("confirmed", True, None)
    assert (booked["credits"], booked["resource_kinds"]) == (1, ["reformer"])
    assert booked["price_cents"] == 0
    assert things.machines() == [(booked["id"], "01-04 09:00", 1)]
    assert (things.ledger(), things.balance()) == (["sale", "debit"], 4)
    [told] = things.told("appointment.confirmed")
    assert (told["appointment"]["hold_version"], told["appointment"]["credits"]) == (1, 1)
    await things.eventually(lambda: things.hold(booked["id"])["standing_version"] == 1)
    assert things.hold(booked["id"])["ask_at"] is None


async def test_without_a_machine_nothing_is_left_of_it(open_things) -> None:
    things = await open_things(people=2)
    await things.sell(worth=5)
    await things.booked(NINE, staff_id=str(things.studio.staff[0]))
    key = {"Idempotency-Key": "mine"}
    other = str(things.studio.staff[1])
    refused = await things.book(NINE, staff_id=other, headers=key)
    assert refused.status_code == 409, refused.text
    problem = refused.json()
    assert problem["type"] == "/problems/not-held"
    reason = {name: problem["reason"][name] for name in ("type", "kind", "short_by")}
    assert reason == {"type": "/problems/machines-short", "kind": "reformer", "short_by": 1}
    listed = await things.asked(things.studio.client, "GET", "/appointments")
    assert len(listed.json()["items"]) == 1
    assert things.claims() == ["01-04 09:00"]
    assert things.balance() == 4
    # What was refused frees its key.
    await things.reformers(1)
    again = await things.book(NINE, staff_id=other, headers=key)
    assert again.status_code == 201, again.text
    assert (await things.book(NINE, staff_id=other, headers=key)).json() == again.json()
    assert things.balance() == 3


async def test_without_a_credit_no_machine_is_held(open_things) -> None:
    things = await open_things()
    await things.sell(worth=1)
    await things.booked(NINE)
    refused = await things.book(TEN)
    assert refused.status_code == 409, refused.text
    [reason] = refused.json()["reason"]["reasons"]
    assert reason["reasons"] == ["too_few_credits"]
    assert [begins for _, begins, _ in things.machines()] == ["01-04 09:00"]
    at_studio = await things.booked(TEN, pay_with="at_studio")
    assert (at_studio["credits"], at_studio["price_cents"]) == (0, 9500)
    assert things.balance() == 0


async def test_two_who_want_the_last_machine_at_once_get_it_once(open_things) -> None:
    things = await open_things(people=4)
    await things.sell(worth=9)
    answers = await asyncio.gather(
        *(things.book(NINE, staff_id=str(one)) for one in things.studio.staff)
    )
    # Where that takes long, one is told so, and it settles by itself.
    assert {answer.status_code for answer in answers} <= {201, 202, 409}

    async def one_has_it() -> bool:
        listed = await things.asked(things.studio.client, "GET", "/appointments")
        found = [one["status"] for one in listed.json()["items"]]
        return found.count("confirmed") == 1 and "pending" not in found

    await eventually(one_has_it)
    assert (len(things.machines()), things.balance()) == (1, 8)
    assert things.claims() == ["01-04 09:00"]


async def test_who_needs_nothing_is_booked_while_pilates_is_away(open_things) -> None:
    things = await open_things(resource_kinds=[], credit_cost=0)
    things.pilates.line.is_down, things.pilates.line.asked = True, 0
    booked = await things.booked(NINE)
    assert (booked["status"], things.pilates.line.asked) == ("confirmed", 0)
    assert things.rows("SELECT hold_version FROM appointments") == [{"hold_version": 0}]


async def accepted(things: Any, starts_at: str, **changed: Any) -> dict[str, Any]:
    things.pilates.line.is_down = True
    answer = await things.book(starts_at, **changed)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/appointments/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


async def test_while_pilates_is_away_it_is_accepted_and_settles_by_itself(
    open_things, clock
) -> None:
    things = await open_things()
    await things.sell()
    pending = await accepted(things, NINE)
    assert (pending["status"], pending["is_settled"]) == ("pending", False)
    assert things.told("appointment.requested") == things.told("appointment.confirmed") == []
    # Its time is nobody else's, and nothing but its end is decided about it meanwhile.
    assert (await things.book(NINE)).json()["type"] == "/problems/slot-taken"
    for what in ("confirm", "complete", "no-show"):
        refused = await things.change(pending["id"], what)
        assert refused.json()["type"] == "/problems/still-settling", refused.text
    clock.set("2027-01-01T10:00:00Z")
    shown = f"scheduling.calendar-entry.changed.v1.{things.studio.id}"
    seen = f"SELECT body::json->'entry'->>'status' AS s FROM outbox WHERE address LIKE '{shown}%'"
    await things.eventually(lambda: things.rows(seen) == [{"s": "pending"}])
    things.pilates.line.is_down = False
    clock.set("2027-01-01T10:01:00Z")
    confirmed = await things.becomes(pending["id"], "confirmed")
    assert confirmed["version"] == 2
    assert things.machines() == [(pending["id"], "01-04 09:00", 1)]
    assert things.balance() == 4
    assert len(things.told("appointment.confirmed")) == 1


async def test_what_was_accepted_and_cannot_be_had_ends_visibly(open_things, clock) -> None:
    things = await open_things(people=2)
    await things.sell()
    await things.booked(NINE, staff_id=str(things.studio.staff[0]))
    pending = await accepted(things, NINE, staff_id=str(things.studio.staff[1]))
    things.pilates.line.is_down = False
    clock.set("2027-01-01T10:00:00Z")
    cancelled = await things.becomes(pending["id"], "cancelled")
    assert cancelled["refused"]["reason"]["type"] == "/problems/machines-short"
    [told] = things.told("appointment.cancelled")
    assert (told["not_held"], told["was_confirmed"]) == ("machines-short", False)
    assert told["cancelled_by"] == "business"
    assert (things.claims(), things.balance()) == (["01-04 09:00"], 4)


async def test_cancelled_while_it_is_settled_it_holds_nothing_in_the_end(
    open_things, clock
) -> None:
    things = await open_things()
    await things.sell()
    pending, other = await accepted(things, NINE), await accepted(things, TEN)
    assert (await things.change(pending["id"], "cancel")).status_code == 200
    await things.eventually(lambda: things.hold(pending["id"]).get("over_version") == 1)
    things.pilates.line.is_down = False
    clock.set("2027-01-01T10:00:00Z")
    await things.becomes(other["id"], "confirmed")
    assert (await things.now(pending["id"]))["status"] == "cancelled"
    assert (things.machines(), things.balance()) == ([(other["id"], "01-04 10:00", 1)], 4)
    assert things.claims() == ["01-04 10:00"]


async def test_a_guest_gets_a_machine_but_spends_nobodys_credits(open_things) -> None:
    things = await open_things(credit_cost=0)
    booked = await things.studio.book(NINE)
    assert booked.status_code == 201, booked.text
    assert (booked.json()["status"], booked.json()["is_settled"]) == ("confirmed", True)
    assert len(things.machines()) == 1
    short = await things.studio.book("2027-01-04T09:30:00Z")
    assert short.json()["type"] == "/problems/slot-taken"

    await things.studio.offer(2, resource_kinds=["reformer"], credit_cost=1, price_cents=0)
    known = "SELECT credit_cost FROM services"
    await things.eventually(lambda: things.rows(known) == [{"credit_cost": 1}])
    refused = await things.studio.book(TEN)
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/sign-in-to-use-credits"

    await things.studio.offer(3, resource_kinds=["reformer"], credit_cost=1)
    await things.eventually(lambda: things.rows("SELECT version FROM services")[0]["version"] == 3)
    paying = await things.studio.book(TEN)
    assert (paying.status_code, paying.json()["price_cents"]) == (201, 9500)


async def test_what_a_guest_was_promised_is_read_at_its_location(open_things, clock) -> None:
    things = await open_things(credit_cost=0)
    things.pilates.line.is_down = True
    answer = await things.studio.book(NINE)
    assert answer.status_code == 202, answer.text
    place = answer.headers["Location"]
    seen = (await things.studio.client.get(place)).json()
    assert (seen["status"], seen["is_settled"]) == ("pending", False)
    assert "customer_name" not in seen
    things.pilates.line.is_down = False
    clock.set("2027-01-01T10:00:00Z")
    await things.becomes(answer.json()["id"], "confirmed")
    assert (await things.studio.client.get(place)).json()["status"] == "confirmed"
    elsewhere = place.replace(answer.json()["id"], str(things.studio.id))
    assert (await things.studio.client.get(elsewhere)).status_code == 404


async def test_the_machine_is_held_before_the_deposit_is_asked_for(open_things, clock) -> None:
    deposit = {"kind": "fixed", "amount_cents": 2000}
    things = await open_things(credit_cost=0, deposit=deposit, people=2)
    booked = await things.studio.book(NINE)
    assert booked.status_code == 201, booked.text
    seen = booked.json()
    assert (seen["status"], seen["deposit_status"]) == ("pending", "awaited")
    assert seen["checkout_url"].startswith("http")
    assert things.machines() == [(seen["id"], "01-04 09:00", 1)]
    [told] = things.told("appointment.requested")
    assert told["pay_url"].startswith("http")
    assert told["appointment"]["hold_version"] == 1
    refused = await things.studio.book(NINE)
    assert refused.json()["reason"]["type"] == "/problems/machines-short"
    clock.set(seen["pay_by"])
    await things.becomes(seen["id"], "cancelled")
    await things.eventually(lambda: things.machines() == [])


async def test_it_is_held_while_it_waits_for_the_studio(open_things) -> None:
    things = await open_things(credit_cost=0, requires_approval=True)
    seen = (await things.studio.book(NINE)).json()
    assert (seen["status"], seen["is_settled"]) == ("pending", True)
    assert len(things.machines()) == 1
    await things.eventually(lambda: things.hold(seen["id"])["standing_version"] == 1)
    assert (await things.change(seen["id"], "confirm")).json()["status"] == "confirmed"
    other = (await things.studio.book(TEN)).json()
    assert (await things.change(other["id"], "cancel")).status_code == 200
    await things.eventually(lambda: len(things.machines()) == 1)


async def test_a_series_settles_one_by_one(open_things) -> None:
    things = await open_things()
    await things.sell(worth=3)
    await things.booked("2027-01-11T09:30:00Z", staff_id=str(things.studio.staff[0]))
    hindered = {
        "service_id": str(things.studio.service),
        "staff_id": str(things.studio.staff[0]),
        "starts_at": ELEVEN,
        "rule": "FREQ=WEEKLY",
        "count": 3,
        "customer_id": str(await things.introduce()),
    }
    answer = await things.asked(things.studio.client, "POST", "/appointment-series", json=hindered)
    assert answer.status_code == 202, answer.text
    ids = [one["appointment_id"] for one in answer.json()["occurrences"]]
    assert (await things.becomes(ids[0], "confirmed"))["credits"] == 1
    await things.becomes(ids[1], "confirmed")
    last = await things.becomes(ids[2], "cancelled")
    assert last["refused"]["reason"]["type"] == "/problems/no-credit"
    assert (things.balance(), len(things.machines())) == (0, 3)
    moved = await things.change(ids[0], "reschedule", starts_at=TEN, scope="all")
    assert (moved.status_code, moved.json()["type"]) == (422, "/problems/moved-one-by-one")
    assert (await things.change(ids[0], "cancel", scope="all")).status_code == 200
    await things.eventually(lambda: (len(things.machines()), things.balance()) == (1, 2))


async def test_settled_by_many_at_once_it_is_booked_once(open_things) -> None:
    things = await open_things()
    await things.sell()
    pending = await accepted(things, NINE)
    things.pilates.line.is_down = False
    runtime = things.studio.client._transport.app.state.runtime
    key = (things.studio.id, UUID(pending["id"]))
    ended = await asyncio.gather(*(settle(runtime, key) for _ in range(5)))
    assert [one.problem for one in ended if one] == [None]
    assert len(things.told("appointment.confirmed")) == 1
    assert (things.ledger(), len(things.machines())) == (["sale", "debit"], 1)


async def test_what_is_still_being_decided_is_not_dropped(
    open_things, settings, clock, tmp_path
) -> None:
    """Whoever asked dies with the answer, each time; meanwhile the holder's deadline passes."""
    things = await open_things()
    await things.sell()
    handles = {"failpoint": "after-appointment-hold:raise:1000", "home": tmp_path}
    failpoints.arm(settings.model_copy(update=handles))
    try:
        answer = await things.book(NINE)
        assert answer.status_code == 202, answer.text
        id_ = answer.json()["id"]
        ask_at = things.hold(id_)["ask_at"]
        clock.set((ask_at + timedelta(seconds=1)).isoformat())
        await things.eventually(lambda: things.hold(id_)["ask_at"] > ask_at)
        assert (len(things.machines()), things.balance()) == (1, 4)
    finally:
        failpoints.arm(settings)
    await things.becomes(id_, "confirmed")
    await things.eventually(lambda: things.hold(id_)["standing_version"] == 1)
    assert (len(things.machines()), things.balance()) == (1, 4)
