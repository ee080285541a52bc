"""The link in a mail: one booking, without signing in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.manage_links import ManageLink, sign
from services.portal.tests.test_places import balance_becomes, published, with_credits

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
START = datetime(2027, 1, 6, 9, tzinfo=UTC)
FREE_UNTIL = START - timedelta(hours=24)
SHOWN = {
    *("kind", "version", "status", "business_name", "title", "starts_at", "ends_at", "time_zone"),
    *("with_name", "staff_id", "room_name", "spot_label", "currency", "free_until", "at_stake"),
    *("may_cancel", "may_move", "pay_by", "pay_url", "pay_cents"),
}


def spoken(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
async def booked(studio, clock, settings) -> Any:
    clock.set(NOW)
    client = await studio.client()
    client.booking_id = await studio.appointment(client.customer_id, spoken(START))
    client.seen = await client.booking(client.booking_id)
    client.link = link_to(studio, settings, "appointment", client.booking_id)
    return client


def link_to(studio: Any, settings: Any, noun: Any, id_: str) -> str:
    link = ManageLink(business_id=studio.id, noun=noun, id=UUID(id_))
    return f"/api/portal/manage/{sign(link, settings.link_secret)}"


SEEN = {"If-Match": '"1"'}


async def test_it_shows_what_is_needed_and_nothing_about_whose_it_is(booked, portal) -> None:
    seen = await portal.get(booked.link)
    assert (seen.status_code, seen.headers["ETag"]) == (200, '"1"')
    assert set(seen.json()) == SHOWN
    assert booked.email not in seen.text
    assert "Mia" not in seen.text
    assert booked.customer_id not in seen.text


async def test_opening_it_changes_nothing(booked, portal) -> None:
    for method in ("HEAD", "GET", "GET", "GET", "OPTIONS"):
        await portal.request(method, booked.link)
        for what in ("cancel", "reschedule", "leave"):
            assert (await portal.request(method, f"{booked.link}/{what}")).status_code == 405
    assert (await booked.booking(booked.booking_id))["version"] == 1


async def test_it_moves_and_cancels_that_booking_through_its_owner(booked, portal, studio) -> None:
    days = {"from": "2027-01-07", "to": "2027-01-07"}
    slots = (await portal.get(f"{booked.link}/slots", params=days)).json()["slots"]
    wanted = {"starts_at": slots[0]["starts_at"]}
    moved = await portal.post(f"{booked.link}/reschedule", json=wanted, headers=SEEN)
    assert (moved.status_code, moved.json()["starts_at"]) == (200, wanted["starts_at"])
    stale = await portal.post(f"{booked.link}/cancel", headers=SEEN)
    assert stale.status_code == 412
    done = await portal.post(f"{booked.link}/cancel", headers={"If-Match": '"2"'})
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")
    told = await studio.heard.told("scheduling.appointment.cancelled", studio.id)
    assert told["cancelled_by"] == "customer"


async def test_the_window_binds_it_too(booked, portal, clock) -> None:
    clock.set(FREE_UNTIL + timedelta(seconds=1))
    wanted = {"starts_at": spoken(START + timedelta(hours=2))}
    refused = await portal.post(f"{booked.link}/reschedule", json=wanted, headers=SEEN)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-late-to-move")


async def test_it_ends_with_the_booking(booked, portal, clock) -> None:
    clock.set(START + timedelta(hours=1) - timedelta(seconds=1))
    assert (await portal.get(booked.link)).status_code == 200
    clock.set(START + timedelta(hours=1))
    over = await portal.get(booked.link)
    assert (over.status_code, over.json()["type"]) == (410, "/problems/booking-over")


async def test_a_link_that_was_not_signed_for_it_opens_nothing(
    booked, portal, studio, open_studio, settings
) -> None:
    other = await open_studio()
    right = ManageLink(business_id=studio.id, noun="appointment", id=UUID(booked.booking_id))
    links = [
        sign(right, "another secret of thirty-two characters"),
        booked.link[:-1] + ("A" if booked.link[-1] != "A" else "B"),
        sign(right.model_copy(update={"noun": "place"}), settings.link_secret),
        sign(right.model_copy(update={"business_id": other.id}), settings.link_secret),
        sign(right.model_copy(update={"id": uuid4()}), settings.link_secret),
        "x",
    ]
    for link in links:
        place = f"/api/portal/manage/{link.rpartition('/')[2]}"
        for method, what in (("GET", ""), ("GET", "/slots"), ("POST", "/cancel")):
            answer = await portal.request(
                method,
                place + what,
                params={"from": "2027-01-07", "to": "2027-01-07"},
                headers=SEEN,
            )
            assert answer.status_code == 404, (link, what, answer.text)


async def test_of_a_place_in_a_class_it_is_the_same(studio, clock, portal, settings) -> None:
    clock.set(NOW)
    mia = await studio.client()
    await with_credits(studio, mia)
    session, other = await published(studio), await published(studio, START + timedelta(days=1))
    [place] = (await mia.told("POST", "/bookings", json={"session_id": session}))["bookings"]
    await balance_becomes(mia, 4)
    link = link_to(studio, settings, "place", place["id"])
    assert (await portal.get(link)).json()["title"] == "Reformer Flow"
    moved = await portal.post(f"{link}/reschedule", json={"session_id": other}, headers=SEEN)
    assert moved.status_code == 200, moved.text
    done = await portal.post(f"{link}/cancel", headers={"If-Match": '"2"'})
    assert done.json()["status"] == "cancelled"
    await balance_becomes(mia, 5)


async def test_of_a_place_in_a_queue_it_leaves_or_answers(studio, clock, portal, settings) -> None:
    clock.set(NOW)
    mia, ben = await studio.client(), await studio.client("Ben Winter")
    session = await published(studio)
    for client in (mia, ben):
        await with_credits(studio, client)
    await mia.told("POST", "/bookings", json={"session_id": session})
    wanted = {"session_id": session, "join_waitlist": True}
    entry = (await ben.told("POST", "/bookings", json=wanted))["waitlist_entry"]
    link = link_to(studio, settings, "waitlist_entry", entry["id"])
    seen = (await portal.get(link)).json()
    assert (seen["position"], seen["status"], seen["title"]) == (1, "waiting", "Reformer Flow")
    assert (await portal.post(f"{link}/cancel", headers=SEEN)).status_code == 404
    assert (await portal.post(f"{link}/leave")).status_code == 204
    assert (await ben.told("GET", "/waitlist"))["items"] == []
