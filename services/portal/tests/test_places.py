"""Places in classes, and queues for them, as clients book, move and give them up."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing import eventually

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
START = datetime(2027, 1, 6, 9, tzinfo=UTC)
FREE_UNTIL = START - timedelta(hours=12)
A_SECOND = timedelta(seconds=1)
CLASS = {
    "name": "Reformer Flow",
    "capacity": 1,
    "duration_minutes": 60,
    "credit_cost": 1,
    "price_cents": 0,
    "late_cancel_window_minutes": 720,
    "waitlist_cutoff_minutes": 120,
    "waitlist_mode": "offer",
    "offer_minutes": 60,
    "largest_party": 4,
}


def spoken(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def published(studio: Any, starts_at: datetime = START, **changed: Any) -> str:
    wanted = CLASS | {"starts_at": spoken(starts_at)} | changed
    path = "/class-sessions"
    made = await studio.told(studio.owners.pilates, "POST", path, json=wanted)
    assert made["status"] == "published", made
    return str(made["id"])


async def with_credits(studio: Any, client: Any) -> str:
    """A package, once pilates has heard of the client."""
    kind = {"name": "Five classes", "credits": 5, "price_cents": 10000}
    type_ = await studio.told(studio.owners.pilates, "POST", "/package-types", json=kind)
    wanted = {
        "customer_id": client.customer_id,
        "package_type_id": type_["id"],
        "paid_with": "card",
    }
    sold = await studio.told(studio.owners.pilates, "POST", "/customer-packages", json=wanted)

    async def heard() -> bool:
        return bool((await client.told("GET", "/packages"))["items"])

    await eventually(heard)
    return str(sold["id"])


@pytest.fixture
async def mia(studio, clock) -> Any:
    clock.set(NOW)
    client = await studio.client()
    client.package = await with_credits(studio, client)
    return client


async def balance(client: Any) -> int:
    return int((await client.told("GET", "/packages"))["items"][0]["balance"])


async def balance_becomes(client: Any, wanted: int) -> None:
    async def look() -> bool:
        return await balance(client) == wanted

    await eventually(look)


async def test_a_class_is_found_booked_and_paid_with_a_credit(mia, studio) -> None:
    session = await published(studio)
    days = {"from": "2027-01-06", "to": "2027-01-06"}
    [found] = (await mia.told("GET", "/classes", params=days))["sessions"]
    assert (found["id"], found["free"], found["mine"]) == (session, 1, None)
    booked = await mia.told("POST", "/bookings", json={"session_id": session})
    [place] = booked["bookings"]
    assert (place["kind"], place["status"], place["title"]) == ("place", "booked", "Reformer Flow")
    assert (place["credits"], place["package_name"]) == (1, "Five classes")
    assert place["free_until"] == spoken(FREE_UNTIL)
    assert place["at_stake"] == {"credits": 1, "deposit_cents": 0}
    await balance_becomes(mia, 4)
    [found] = (await mia.told("GET", "/classes", params=days))["sessions"]
    assert (found["free"], found["mine"]) == (0, "booked")


@pytest.mark.parametrize(
    ("late", "credit", "left"), [(timedelta(0), "returned", 5), (A_SECOND, "forfeited", 4)]
)
async def test_given_up_in_time_the_credit_comes_back_and_late_it_does_not(
    mia, studio, clock, late, credit, left
) -> None:
    session = await published(studio)
    [place] = (await mia.told("POST", "/bookings", json={"session_id": session}))["bookings"]
    await balance_becomes(mia, 4)
    clock.set(FREE_UNTIL + late)
    mia = await signed_in_again(studio, mia)
    done = await mia.change(place, "cancel")
    assert done.status_code == 200, done.text
    assert done.json()["status"] == ("late_cancelled" if late else "cancelled")

    async def told() -> bool:
        ending = (await mia.told("GET", f"/bookings/{place['id']}"))["ending"]
        return bool(ending) and ending["credit"] == credit and ending["late"] == bool(late)

    await eventually(told)
    await balance_becomes(mia, left)


async def test_a_place_moves_until_the_window_and_not_a_second_longer(mia, studio, clock) -> None:
    session, other = await published(studio), await published(studio, START + timedelta(days=1))
    [place] = (await mia.told("POST", "/bookings", json={"session_id": session}))["bookings"]
    clock.set(FREE_UNTIL + A_SECOND)
    mia = await signed_in_again(studio, mia)
    refused = await mia.change(place, "reschedule", session_id=other)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-late-to-move")
    assert datetime.fromisoformat(refused.json()["until"]) == FREE_UNTIL
    clock.set(FREE_UNTIL)
    moved = await mia.change(place, "reschedule", session_id=other)
    assert moved.status_code == 200, moved.text
    assert (moved.json()["session_id"], moved.json()["version"]) == (other, 2)


async def test_without_a_credit_the_refusal_says_why(studio, clock) -> None:
    clock.set(NOW)
    ben = await studio.client("Ben Winter")
    session = await published(studio)

    async def refused() -> Any:
        answer = await ben.ask("POST", "/bookings", json={"session_id": session})
        return answer if answer.status_code == 409 else None

    answer = await eventually(refused)
    assert answer.json()["type"] == "/problems/no-credit"


async def test_asked_again_a_place_is_booked_once(mia, studio) -> None:
    session = await published(studio, capacity=5)
    key = {"Idempotency-Key": "tapped-twice"}
    ids = set()
    for _ in range(2):
        made = await mia.told("POST", "/bookings", json={"session_id": session}, headers=key)
        ids |= {one["id"] for one in made["bookings"]}
    assert len(ids) == 1
    await balance_becomes(mia, 4)


@pytest.fixture
async def queue(mia, studio) -> Any:
    """Mia has the only place; Ben is next, and Eve after him."""
    session = await published(studio)
    [place] = (await mia.told("POST", "/bookings", json={"session_id": session}))["bookings"]
    waiting = []
    for name in ("Ben Winter", "Eve Fern"):
        client = await studio.client(name)
        await with_credits(studio, client)
        wanted = {"session_id": session, "join_waitlist": True}
        joined = await client.told("POST", "/bookings", json=wanted)
        assert joined["bookings"] == []
        client.seen = joined["waitlist_entry"]
        waiting.append(client)
    return session, place, *waiting


async def test_i_see_my_position_and_leave_the_queue(queue) -> None:
    _, _, ben, eve = queue
    for client, position in ((ben, 1), (eve, 2)):
        [item] = (await client.told("GET", "/waitlist"))["items"]
        assert (item["position"], item["status"]) == (position, "waiting")
    await ben.told("POST", f"/waitlist/{ben.seen['id']}/leave")
    assert (await ben.told("GET", "/waitlist"))["items"] == []
    [item] = (await eve.told("GET", "/waitlist"))["items"]
    assert item["position"] == 1


async def offered(client: Any) -> dict[str, Any]:
    async def look() -> Any:
        items = (await client.told("GET", "/waitlist"))["items"]
        return items[0] if items and items[0]["status"] == "offered" else None

    return await eventually(look)


async def test_an_offer_is_accepted_and_is_a_booking(mia, queue) -> None:
    session, place, ben, eve = queue
    assert (await mia.change(place, "cancel")).status_code == 200
    entry = await offered(ben)
    assert entry["offer_expires_at"]
    await ben.told("POST", f"/waitlist/{entry['id']}/accept")
    [booking] = await ben.bookings()
    assert (booking["session_id"], booking["status"]) == (session, "booked")
    assert (await ben.told("GET", "/waitlist"))["items"] == []
    again = await ben.ask("POST", f"/waitlist/{entry['id']}/accept")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-waiting")
    assert (await eve.told("GET", "/waitlist"))["items"][0]["status"] == "waiting"


async def test_a_declined_offer_goes_to_who_is_next(mia, queue) -> None:
    _, place, ben, eve = queue
    refused = await ben.ask("POST", f"/waitlist/{ben.seen['id']}/decline")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-waiting")
    assert (await mia.change(place, "cancel")).status_code == 200
    entry = await offered(ben)
    await ben.told("POST", f"/waitlist/{entry['id']}/decline")
    assert (await offered(eve))["id"] == eve.seen["id"]


async def test_an_offer_is_gone_at_its_end(mia, queue, clock, studio) -> None:
    _, place, ben, _ = queue
    assert (await mia.change(place, "cancel")).status_code == 200
    entry = await offered(ben)
    clock.set(entry["offer_expires_at"])
    ben = await signed_in_again(studio, ben)
    gone = await ben.ask("POST", f"/waitlist/{entry['id']}/accept")
    assert gone.status_code in (409, 410), gone.text


async def test_another_clients_place_in_a_queue_does_not_exist(queue, open_studio) -> None:
    _, place, ben, eve = queue
    abroad = await (await open_studio()).client("Ida Moor")
    for client in (eve, abroad):
        for what in ("accept", "decline", "leave"):
            for id_ in (ben.seen["id"], str(uuid4()), "malformed"):
                answer = await client.ask("POST", f"/waitlist/{id_}/{what}")
                assert answer.status_code == 404, answer.text
        for what, wanted in (("cancel", {}), ("reschedule", {"session_id": place["session_id"]})):
            assert (await client.change(place, what, **wanted)).status_code == 404
    [item] = (await ben.told("GET", "/waitlist"))["items"]
    assert item["status"] == "waiting"


async def signed_in_again(studio: Any, client: Any) -> Any:
    again = await studio.sign_in({"id": client.customer_id, "email": client.email})
    again.seen, again.package = client.seen, client.package
    return again
