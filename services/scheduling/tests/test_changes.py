"""What may become of an appointment, and what nobody may do to it."""

import json
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from chassis.testing import eventually
from contracts import catalog
from stack.postgres import Postgres

DAY = "2027-01-04"
BEFORE, BEGUN = "2027-01-03T08:00:00+00:00", f"{DAY}T08:00:00+00:00"
ACTIONS = ("confirm", "cancel", "complete", "no-show", "reopen")


def owner(studio: Any) -> dict[str, str]:
    """Whose token outlives every day that the clock is moved to."""
    return studio.signer.bearer(studio.id, exp=4_000_000_000)


async def booked(studio: Any, at: str = f"{DAY}T08:00:00Z", **changed: Any) -> dict[str, Any]:
    answer = await studio.book(at, **changed)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def act(
    studio: Any, id_: str, action: str, seen: str = "*", as_: Any = None, **wanted: Any
) -> httpx2.Response:
    headers = (as_ or owner(studio)) | {"If-Match": seen if seen == "*" else f'"{seen}"'}
    place = f"/api/appointments/{id_}/{action}"
    return await studio.client.post(place, json=wanted or None, headers=headers)


def told(database: Postgres, studio: Any, id_: str) -> list[tuple[str, dict[str, Any]]]:
    """What left for the others about one appointment, in order: the facts, not the entries."""
    with psycopg.connect(database.url("scheduling")) as connection:
        rows = connection.execute(
            "SELECT address, body FROM outbox WHERE address LIKE %s ORDER BY position",
            [f"scheduling.appointment.%{studio.id}"],
        ).fetchall()
    facts = [(address.split(".")[2], json.loads(body)) for address, body in rows]
    return [(what, body) for what, body in facts if body["appointment"]["id"] == id_]


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        ((), {"cancel", "complete", "no-show"}),
        (("cancel",), {"reopen"}),
        (("complete",), {"reopen"}),
        (("no-show",), {"reopen"}),
        (("no-show", "reopen"), {"cancel", "complete", "no-show"}),
    ],
)
async def test_only_some_states_lead_to_others(open_studio, clock, steps, allowed) -> None:
    studio = await open_studio()
    hours = iter(range(8, 14))
    for action in ACTIONS:
        clock.set(BEFORE)
        it = await booked(studio, f"{DAY}T{next(hours):02}:00:00Z")
        clock.set(f"{DAY}T18:00:00+00:00")
        for step in steps:
            assert (await act(studio, it["id"], step)).status_code == 200
        answer = await act(studio, it["id"], action)
        assert answer.status_code == (200 if action in allowed else 409), (action, answer.text)
        if action not in allowed:
            assert answer.json()["type"] == "/problems/illegal-transition"
            assert answer.json()["appointment_status"]


async def test_what_waits_for_the_studio_is_confirmed_or_cancelled(open_studio, clock) -> None:
    studio = await open_studio(requires_approval=True)
    outcomes = {}
    for hour, action in enumerate(ACTIONS, start=8):
        clock.set(BEFORE)
        it = await booked(studio, f"{DAY}T{hour:02}:00:00Z")
        assert it["status"] == "pending"
        clock.set(f"{DAY}T18:00:00+00:00")
        outcomes[action] = (await act(studio, it["id"], action)).status_code
    assert outcomes == {
        "confirm": 200,
        "cancel": 200,
        "complete": 409,
        "no-show": 409,
        "reopen": 409,
    }


@pytest.mark.parametrize("action", ["complete", "no-show"])
async def test_what_has_not_begun_is_neither_completed_nor_missed(
    open_studio, clock, action
) -> None:
    studio = await open_studio()
    it = await booked(studio)
    clock.set("2027-01-04T07:59:59+00:00")
    early = await act(studio, it["id"], action)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-yet-begun")
    clock.set(BEGUN)
    assert (await act(studio, it["id"], action)).status_code == 200


async def test_every_change_is_told_once_and_counted(
    open_studio, clock, database_server: Postgres
) -> None:
    studio = await open_studio(people=2)
    it = await booked(studio, staff_id=str(studio.staff[0]))
    clock.set(BEGUN)
    moved = {"starts_at": f"{DAY}T09:00:00Z", "staff_id": str(studio.staff[1])}
    await act(studio, it["id"], "reschedule", **moved)
    for action in ("complete", "reopen", "no-show", "reopen", "cancel"):
        moved = {"starts_at": BEGUN}
        if action in ("complete", "no-show"):
            assert (await act(studio, it["id"], "reschedule", **moved)).status_code == 200
            assert (await act(studio, it["id"], "reschedule", **moved)).status_code == 200
        assert (await act(studio, it["id"], action)).status_code == 200
    facts = told(database_server, studio, it["id"])
    assert [(what, fact["appointment"]["sequence"]) for what, fact in facts] == [
        ("confirmed", 0),
        ("rescheduled", 1),
        ("rescheduled", 2),
        ("completed", 3),
        ("reopened", 4),
        ("missed", 5),
        ("reopened", 6),
        ("cancelled", 7),
    ]
    assert len({fact["appointment"]["uid"] for _, fact in facts}) == 1
    assert facts[-1][1]["cancelled_by"] == "business"


async def test_missed_and_cancelled_free_the_time_and_reopening_takes_it_again(
    open_studio, clock
) -> None:
    studio = await open_studio()
    for hour, action in ((8, "no-show"), (9, "cancel")):
        at = f"{DAY}T{hour:02}:00:00Z"
        clock.set(BEFORE)
        it = await booked(studio, at)
        clock.set(f"{DAY}T10:00:00+00:00")
        assert (await act(studio, it["id"], action)).status_code == 200
        clock.set(BEFORE)
        other = await booked(studio, at)
        late = await act(studio, it["id"], "reopen")
        assert (late.status_code, late.json()["type"]) == (409, "/problems/slot-taken")
        await act(studio, other["id"], "cancel")
        again = await act(studio, it["id"], "reopen")
        assert (again.status_code, again.json()["status"]) == (200, "confirmed")
        assert again.json()["cancelled_at"] is None
        assert (await studio.book(at)).status_code == 409


async def test_the_time_of_what_is_completed_stays_taken(open_studio, clock) -> None:
    studio = await open_studio()
    it = await booked(studio)
    clock.set(BEGUN)
    await act(studio, it["id"], "complete")
    clock.set(BEFORE)
    assert (await studio.book(f"{DAY}T08:00:00Z")).status_code == 409


@pytest.mark.parametrize("action", [*ACTIONS, "reschedule"])
async def test_every_change_says_what_it_has_seen(open_studio, clock, action) -> None:
    studio = await open_studio()
    it = await booked(studio)
    clock.set(BEGUN)
    place = f"/api/appointments/{it['id']}/{action}"
    wanted = {"starts_at": f"{DAY}T09:00:00Z"} if action == "reschedule" else None
    unseen = await studio.client.post(place, json=wanted, headers=owner(studio))
    assert (unseen.status_code, unseen.json()["type"]) == (428, "/problems/precondition-required")
    stale = await act(studio, it["id"], action, "7", **(wanted or {}))
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    current = stale.json()["current"]
    assert (stale.json()["current_version"], current["version"]) == (1, 1)
    assert (current["status"], current["starts_at"]) == ("confirmed", "2027-01-04T08:00:00Z")
    assert not {"price_cents", "deposit_cents"} & set(current)


@pytest.mark.parametrize("action", [*ACTIONS, "reschedule"])
async def test_what_is_not_yours_does_not_exist(open_studio, action) -> None:
    studio, stranger = await open_studio(people=2), await open_studio()
    it = await booked(studio, staff_id=str(studio.staff[1]))
    wanted = {"starts_at": f"{DAY}T09:00:00Z"} if action == "reschedule" else {}
    colleague = studio.member(staff_id=studio.staff[0])
    for id_, who in (
        (it["id"], stranger.owner),
        (it["id"], colleague),
        (str(uuid4()), studio.owner),
        ("malformed", studio.owner),
    ):
        refused = await act(studio, id_, action, as_=who, **wanted)
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize("action", ["cancel", "reopen", "reschedule"])
async def test_unknown_fields_are_refused(open_studio, action) -> None:
    studio = await open_studio()
    it = await booked(studio)
    wanted = {"starts_at": f"{DAY}T09:00:00Z"} if action == "reschedule" else {}
    for odd in ({"price_cents": 0}, {"status": "completed"}, {"notify_customer": "yes"}):
        assert (await act(studio, it["id"], action, **wanted, **odd)).status_code == 422
    seen = await studio.client.get(f"/api/appointments/{it['id']}", headers=studio.owner)
    assert seen.json()["version"] == 1


async def test_who_changed_what_is_kept(open_studio, clock, database_server: Postgres) -> None:
    studio = await open_studio()
    it = await booked(studio)
    clock.set(BEGUN)
    await act(studio, it["id"], "reschedule", starts_at=f"{DAY}T07:30:00Z", outside_hours=True)
    await act(studio, it["id"], "no-show")
    with psycopg.connect(database_server.url("scheduling")) as connection:
        trail = connection.execute(
            "SELECT action, before, after FROM audit_trail WHERE subject_id = %s ORDER BY at, id",
            [it["id"]],
        ).fetchall()
    assert [action for action, _, _ in trail] == ["appointment.rescheduled", "appointment.missed"]
    _, before, after = trail[0]
    assert (before["starts_at"], after["starts_at"]) == (
        "2027-01-04T08:00:00Z",
        "2027-01-04T07:30:00Z",
    )
    assert trail[1][1]["status"] == "confirmed"
    assert trail[1][2]["status"] == "no_show"


async def correct(studio: Any, id_: str, seen: str = "*", **wanted: Any) -> httpx2.Response:
    headers = studio.owner | {"If-Match": seen}
    place = f"/api/appointments/{id_}"
    return await studio.client.patch(place, json=wanted, headers=headers)


async def test_a_walk_ins_contact_and_answers_are_put_right_without_a_new_sequence(
    open_studio, database_server: Postgres
) -> None:
    level = {"key": "level", "label": "Level", "kind": "choice", "choices": ["new", "old"]}
    studio = await open_studio(questions=[level])
    it = await booked(studio, answers={"level": "new"})
    corrected = await correct(studio, it["id"], '"1"', customer_name="Ada L", customer_phone=None)
    assert corrected.status_code == 200, corrected.text
    seen = corrected.json()
    assert (seen["customer_name"], seen["customer_email"]) == ("Ada L", "ada@example.com")
    assert (seen["version"], seen["sequence"], corrected.headers["ETag"]) == (2, 0, '"2"')
    assert (await correct(studio, it["id"], '"1"', customer_name="Eve")).status_code == 412
    same = await correct(studio, it["id"], '"2"', customer_name="Ada L")
    assert (same.status_code, same.json()["version"]) == (200, 2)
    answered = await correct(studio, it["id"], '"2"', answers={"level": "old"})
    assert answered.json()["answers"] == {"level": "old"}
    wrong = await correct(studio, it["id"], answers={"level": "ancient", "pet": "cat"})
    assert (wrong.status_code, set(wrong.json()["answers"])) == (422, {"level", "pet"})
    assert [what for what, _ in told(database_server, studio, it["id"])] == ["confirmed"]


async def test_only_what_is_the_appointments_own_is_put_right(open_studio, nats_url) -> None:
    studio = await open_studio()
    it = await booked(studio)
    for odd in (
        {"starts_at": f"{DAY}T10:00:00Z"},
        {"customer_name": None},
        {"customer_name": "A\r\nB"},
        {"customer_email": "nobody"},
        {"price_cents": 0},
        {"status": "cancelled"},
    ):
        assert (await correct(studio, it["id"], **odd)).status_code == 422, odd
    unseen = await studio.client.patch(
        f"/api/appointments/{it['id']}", json={"customer_name": "B"}, headers=studio.owner
    )
    assert unseen.status_code == 428
    customer = catalog.Customer(id=uuid4(), version=1, name="Ada", email="b@example.com")
    await studio.tell(catalog.CustomerChanged, customer=customer)

    async def recognised() -> bool:
        for email in ("c@example.com", "B@example.com"):
            seen = await correct(studio, it["id"], customer_email=email)
        return seen.json().get("customer_id") == str(customer.id)

    await eventually(recognised)
    known = await correct(studio, it["id"], customer_name="Eve")
    assert (known.status_code, known.json()["type"]) == (409, "/problems/customer-is-known")
    stranger = await open_studio()
    studio.id = stranger.id
    assert (await correct(studio, it["id"], customer_name="Eve")).status_code == 404
