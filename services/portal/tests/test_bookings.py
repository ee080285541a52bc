"""My bookings: what I see of them, and what I change through their owners."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import icalendar
import psycopg
import pytest

from chassis.testing import eventually
from services.portal.tests.studio import Client, cookie_of
from stack.postgres import Postgres

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
START = datetime(2027, 1, 6, 9, tzinfo=UTC)
FREE_UNTIL = START - timedelta(hours=24)
A_SECOND = timedelta(seconds=1)


def spoken(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
async def mia(studio, clock) -> Any:
    """Signed in, with one appointment."""
    clock.set(NOW)
    client = await studio.client()
    client.booking_id = await studio.appointment(client.customer_id, spoken(START))
    client.seen = await client.booking(client.booking_id)
    return client


async def test_a_booking_says_until_when_it_is_free_and_what_is_lost_after(mia, studio) -> None:
    assert mia.seen["title"] == "Private reformer"
    assert (mia.seen["kind"], mia.seen["status"]) == ("appointment", "confirmed")
    assert mia.seen["free_until"] == spoken(FREE_UNTIL)
    assert mia.seen["at_stake"] == {"credits": 0, "deposit_cents": 0}
    assert (mia.seen["may_cancel"], mia.seen["may_move"]) == (True, True)
    assert mia.seen["time_zone"] == "Europe/Berlin"
    assert [one["id"] for one in await mia.bookings()] == [mia.booking_id]
    assert await mia.bookings(when="past") == []


async def test_upcoming_come_first_to_last_and_past_the_other_way(mia, studio, clock) -> None:
    ids = [mia.booking_id]
    for day in (1, 2):
        at = START + timedelta(days=day)
        ids.append(await studio.appointment(mia.customer_id, spoken(at)))
        await mia.booking(ids[-1])
    first = await mia.told("GET", "/bookings", params={"limit": 2})
    rest = await mia.told("GET", "/bookings", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [one["id"] for one in first["items"] + rest["items"]] == ids
    assert rest["next_cursor"] is None
    clock.set(START + timedelta(days=3))
    mia = await studio.sign_in({"id": mia.customer_id, "email": mia.email})
    assert await mia.bookings() == []
    first = await mia.told("GET", "/bookings", params={"when": "past", "limit": 2})
    more = {"when": "past", "limit": 2, "cursor": first["next_cursor"]}
    rest = await mia.told("GET", "/bookings", params=more)
    assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]


async def test_cancelled_in_time_it_costs_nothing(mia, studio, clock) -> None:
    clock.set(FREE_UNTIL)
    mia = await signed_in_again(studio, mia)
    done = await mia.change(mia.seen, "cancel", reason="ill")
    assert done.status_code == 200, done.text
    assert (done.json()["status"], done.json()["may_cancel"]) == ("cancelled", False)
    told = await studio.heard.told("scheduling.appointment.cancelled", studio.id)
    assert (told["cancelled_by"], told["late"], told["reason"]) == ("customer", False, "ill")

    async def ended() -> bool:
        ending = (await mia.told("GET", f"/bookings/{mia.booking_id}"))["ending"]
        return ending is not None and ending["cancelled_by"] == "customer"

    await eventually(ended)
    assert [one["id"] for one in await mia.bookings(when="past")] == [mia.booking_id]


async def test_a_second_later_it_is_cancelled_late(mia, studio, clock) -> None:
    clock.set(FREE_UNTIL + A_SECOND)
    mia = await signed_in_again(studio, mia)
    assert (await mia.change(mia.seen, "cancel")).status_code == 200
    told = await studio.heard.told("scheduling.appointment.cancelled", studio.id)
    assert (told["cancelled_by"], told["late"]) == ("customer", True)


async def test_what_has_begun_is_not_cancelled(mia, studio, clock) -> None:
    clock.set(START)
    mia = await signed_in_again(studio, mia)
    seen = await mia.booking(mia.booking_id)
    assert (seen["may_cancel"], seen["may_move"]) == (False, False)
    refused = await mia.change(seen, "cancel")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/appointment-begun")


async def test_the_owner_moves_until_the_window_and_not_a_second_longer(mia, studio, clock) -> None:
    clock.set(FREE_UNTIL + A_SECOND)
    mia = await signed_in_again(studio, mia)
    later = spoken(START + timedelta(hours=2))
    refused = await mia.change(mia.seen, "reschedule", starts_at=later)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-late-to-move")
    assert datetime.fromisoformat(refused.json()["until"]) == FREE_UNTIL
    slots = await mia.ask("GET", f"/bookings/{mia.booking_id}/slots?from=2027-01-07&to=2027-01-07")
    assert (slots.status_code, slots.json()["type"]) == (409, "/problems/too-late-to-move")
    clock.set(FREE_UNTIL)
    moved = await mia.change(mia.seen, "reschedule", starts_at=later)
    assert moved.status_code == 200, moved.text
    assert (moved.json()["starts_at"], moved.json()["version"]) == (later, 2)
    assert moved.headers["ETag"] == '"2"'


async def test_every_slot_that_is_offered_is_accepted_and_no_other(mia, studio) -> None:
    other = await studio.customer("Ben Winter")
    await studio.appointment(other["id"], "2027-01-07T10:00:00Z")
    path = f"/bookings/{mia.booking_id}/slots"
    offered = await mia.told("GET", path, params={"from": "2027-01-07", "to": "2027-01-07"})
    starts = {one["starts_at"] for one in offered["slots"]}
    # Nine to five in Berlin, less what touches eleven to twelve there.
    assert starts == {
        "2027-01-07T08:00:00Z",
        "2027-01-07T08:30:00Z",
        "2027-01-07T09:00:00Z",
        *(f"2027-01-07T{hour}:{minute}:00Z" for hour in range(11, 15) for minute in ("00", "30")),
        "2027-01-07T15:00:00Z",
    }
    assert [person["name"] for person in offered["staff"]] == ["Teacher 0"]
    seen = mia.seen
    for at, problem in (
        ("2027-01-07T09:30:00Z", (409, "slot-taken")),
        ("2027-01-07T10:00:00Z", (409, "slot-taken")),
        ("2027-01-07T08:10:00Z", (422, "not-offered")),
        ("2027-01-07T20:00:00Z", (422, "outside-working-hours")),
        ("2027-01-04T08:30:00Z", (422, "too-short-notice")),
        ("2028-06-07T10:00:00Z", (422, "beyond-horizon")),
    ):
        refused = await mia.change(seen, "reschedule", starts_at=at)
        told = (refused.status_code, refused.json()["type"].rpartition("/")[2])
        assert told == problem, (at, refused.text)
    for at in ("2027-01-07T09:00:00Z", "2027-01-07T11:00:00Z", "2027-01-07T12:00"):
        moved = await mia.change(seen, "reschedule", starts_at=at)
        assert moved.status_code == 200, (at, moved.text)
        seen = moved.json()


async def test_its_own_time_is_not_in_its_way(mia) -> None:
    moved = await mia.change(
        mia.seen, "reschedule", starts_at=spoken(START + timedelta(minutes=30))
    )
    assert moved.status_code == 200, moved.text


async def test_a_change_says_what_it_has_seen(mia) -> None:
    path = f"/bookings/{mia.booking_id}/cancel"
    unseen = await mia.ask("POST", path)
    assert (unseen.status_code, unseen.json()["type"]) == (428, "/problems/precondition-required")
    stale = await mia.ask("POST", path, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 1)
    assert "current" not in stale.json()


async def test_asked_again_it_is_done_once_and_answered_alike(mia, studio) -> None:
    key = {"Idempotency-Key": "one-key"}
    wanted = {"starts_at": spoken(START + timedelta(hours=1))}
    answers = await asyncio.gather(
        *(mia.change(mia.seen, "reschedule", key, **wanted) for _ in range(5))
    )
    assert {(one.status_code, one.json()["version"]) for one in answers} == {(200, 2)}
    other = {"starts_at": spoken(START + timedelta(hours=2))}
    reused = await mia.change(mia.seen, "reschedule", key, **other)
    assert (reused.status_code, reused.json()["type"]) == (422, "/problems/idempotency-key-reused")
    await studio.heard.told("scheduling.appointment.rescheduled", studio.id)
    assert len(studio.heard.of("scheduling.appointment.rescheduled", studio.id)) == 1


async def test_of_many_who_cancel_at_once_one_does(mia, studio) -> None:
    answers = await asyncio.gather(*(mia.change(mia.seen, "cancel") for _ in range(10)))
    assert sorted(one.status_code for one in answers) == [200] + [412] * 9
    await studio.heard.told("scheduling.appointment.cancelled", studio.id)
    assert len(studio.heard.of("scheduling.appointment.cancelled", studio.id)) == 1


async def test_who_changed_what_is_kept_at_the_owner(mia, database_server: Postgres) -> None:
    await mia.change(mia.seen, "reschedule", starts_at=spoken(START + timedelta(hours=1)))
    with psycopg.connect(database_server.url("scheduling")) as connection:
        trail = connection.execute(
            "SELECT actor, action, before, after FROM audit_trail WHERE subject_id = %s",
            [mia.booking_id],
        ).fetchall()
    [(actor, action, before, after)] = [one for one in trail if one[1] != "appointment.booked"]
    assert (actor, action) == (f"customer:{mia.customer_id}", "appointment.rescheduled_by_customer")
    assert (before["starts_at"], after["starts_at"]) == (spoken(START), "2027-01-06T10:00:00Z")


async def test_a_booking_as_a_calendar_reads_it(mia) -> None:
    answer = await mia.ask("GET", f"/bookings/{mia.booking_id}/calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    [event] = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
    assert (event["UID"], event.start) == (f"{mia.booking_id}@bookly", START)
    assert (str(event["SUMMARY"]), int(event["SEQUENCE"])) == ("Private reformer", 0)


async def test_another_clients_bookings_do_not_exist(mia, studio, open_studio) -> None:
    ben = await studio.client("Ben Winter")
    abroad = await (await open_studio()).client("Eve Fern")
    for client in (ben, abroad):
        assert await client.bookings() == []
        for id_ in (mia.booking_id, str(uuid4()), "malformed"):
            for method, path, body in (
                ("GET", "", None),
                ("GET", "/calendar.ics", None),
                ("GET", "/slots?from=2027-01-07&to=2027-01-07", None),
                ("POST", "/cancel", {}),
                ("POST", "/reschedule", {"starts_at": spoken(START)}),
            ):
                headers = {"If-Match": "*"} if method == "POST" else {}
                place = f"/bookings/{id_}{path}"
                answer = await client.ask(method, place, json=body, headers=headers)
                assert answer.status_code == 404, (place, answer.text)
                assert answer.json()["type"] == "/problems/not-found"
    assert (await mia.booking(mia.booking_id))["version"] == 1


async def test_what_a_guest_has_booked_is_theirs_once_they_are_known(studio, clock) -> None:
    clock.set(NOW)
    page = await studio.told(
        studio.owners.catalog,
        "POST",
        "/booking-pages",
        json={
            "title": "Book",
            "slug": f"page-{uuid4().hex[:8]}",
            "published": True,
            "configuration": {"service_ids": [studio.service]},
        },
    )
    slug, email = page["slug"], f"{uuid4().hex[:8]}@example.com"
    wanted = {
        "service_id": studio.service,
        "starts_at": spoken(START),
        "customer": {"name": "Ada Guest", "email": email},
    }
    place = f"/api/public/booking/{slug}/appointments"

    async def book() -> Any:
        made = await studio.owners.scheduling.post(place, json=wanted)
        return made.json() if made.status_code == 201 else None

    made = await eventually(book)
    token = await studio.link(email)
    opened = await studio.portal.post("/api/portal/session", json={"token": token})
    ada = Client(studio.portal, cookie_of(opened))
    assert (await ada.booking(made["id"]))["title"] == "Private reformer"


@pytest.mark.parametrize(("taken", "outcome"), [(False, None), (True, "machines-short")])
async def test_a_move_that_needs_a_machine_settles_by_itself(
    open_studio, clock, taken, outcome
) -> None:
    clock.set(NOW)
    studio = await open_studio(people=2, resource_kinds=["reformer"])
    machine = {"name": "Reformer 1", "category": "machine", "kind": "reformer"}
    await studio.told(studio.owners.pilates, "POST", "/resources", json=machine)
    mia, later = await studio.client(), START + timedelta(hours=2)
    id_ = await studio.appointment(mia.customer_id, spoken(START))
    if taken:
        other = await studio.customer("Ben Winter")
        await studio.appointment(other["id"], spoken(later), staff_id=studio.staff[1])

    async def confirmed() -> Any:
        seen = await mia.booking(id_)
        return seen if seen["status"] == "confirmed" else None

    seen = await eventually(confirmed)
    asked = await mia.change(seen, "reschedule", starts_at=spoken(later))
    assert (asked.status_code, asked.headers["Location"]) == (202, f"/api/portal/bookings/{id_}")
    assert asked.json()["starts_at"] == spoken(START)
    assert datetime.fromisoformat(asked.json()["wished_move"]["starts_at"]) == later

    async def settled() -> Any:
        seen = await mia.booking(id_)
        wished = seen["wished_move"]
        return seen if wished is None or wished["not_held"] else None

    seen = await eventually(settled)
    assert seen["starts_at"] == spoken(START if taken else later)
    assert (seen["wished_move"] or {}).get("not_held") == outcome


async def test_a_move_that_says_nothing_useful_is_refused(mia) -> None:
    at = "2027-01-07T10:00:00Z"
    for wanted in (
        {},
        {"starts_at": at, "session_id": str(uuid4())},
        {"session_id": str(uuid4())},
        {"starts_at": at, "customer_id": str(uuid4())},
        {"starts_at": "2027-03-28T02:30"},
        {"starts_at": "soon"},
        {"starts_at": at, "staff_id": "x"},
    ):
        refused = await mia.change(mia.seen, "reschedule", **wanted)
        assert refused.status_code == 422, (wanted, refused.text)


async def signed_in_again(studio: Any, client: Any) -> Any:
    """Hours later, in another session."""
    again = await studio.sign_in({"id": client.customer_id, "email": client.email})
    again.seen, again.booking_id = client.seen, client.booking_id
    return again
