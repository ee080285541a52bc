"""Who makes, sees and ends a feed."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID, uuid4

import nats
import pytest

from chassis.testing import eventually

FEEDS = "/api/feeds"


async def listed(gateway, headers):
    answer = await gateway.client.get(FEEDS, headers=headers)
    assert (answer.status_code, answer.json()["next_cursor"]) == (200, None)
    return answer.json()["items"]


async def test_a_feed_lives_from_its_making_to_its_end(gateway, owners, make, signer, business):
    owner = signer.bearer(business)
    path, feed = await make(owner)
    assert path.startswith("/feeds/")
    assert len(path.removeprefix("/feeds/").removesuffix(".ics")) == 43
    [shown] = await listed(gateway, owner)
    assert shown == {name: value for name, value in feed.items() if name != "url"}
    assert shown["last_fetched_at"] is None

    assert (await gateway.client.get(path)).status_code == 200

    async def fetched():
        return (await listed(gateway, owner))[0]["last_fetched_at"]

    assert datetime.fromisoformat(await eventually(fetched)) > datetime.fromisoformat(
        shown["created_at"]
    )
    rotated = await gateway.client.post(f"{FEEDS}/{feed['id']}/rotate", headers=owner)
    assert (rotated.status_code, rotated.headers["Cache-Control"]) == (200, "no-store")
    new_path = rotated.json()["url"].removeprefix("http://localhost:8000")
    assert (await gateway.client.get(path)).status_code == 404
    assert (await gateway.client.get(new_path)).status_code == 200
    assert len(await listed(gateway, owner)) == 1

    revoked = await gateway.client.delete(f"{FEEDS}/{feed['id']}", headers=owner)
    assert revoked.status_code == 204
    assert (await gateway.client.get(new_path)).status_code == 404
    assert await listed(gateway, owner) == []
    for method, ending in (("POST", "/rotate"), ("DELETE", "")):
        again = await gateway.client.request(method, f"{FEEDS}/{feed['id']}{ending}", headers=owner)
        assert again.status_code == 404


async def test_no_token_is_kept_or_listed(gateway, owners, make, signer, business, nats_url):
    path, _ = await make()
    token = path.removeprefix("/feeds/").removesuffix(".ics")
    assert token not in (await gateway.client.get(FEEDS, headers=signer.bearer(business))).text
    connection = await nats.connect(nats_url)
    bucket = await connection.jetstream().key_value("feeds")
    for key in await bucket.keys():
        assert token not in key
        assert token.encode() not in ((await bucket.get(key)).value or b"")
    await connection.close()


async def test_a_token_that_a_crash_left_behind_opens_nothing(
    gateway, owners, make, business, nats_url
):
    _, feed = await make()
    connection = await nats.connect(nats_url)
    bucket = await connection.jetstream().key_value("feeds")
    hash_ = hashlib.sha256(b"left behind").hexdigest()
    await bucket.put(f"token.{hash_}", f"feed.{business}.{feed['id']}".encode())
    assert (await gateway.client.get("/feeds/left%20behind.ics")).status_code == 404
    await connection.close()


async def test_members_have_feeds_of_their_own_calendar_only(
    gateway, owners, make, wanted, signer, business
):
    own, colleague = (owners.knows(business, "staff_member") for _ in range(2))
    customer, room = (owners.knows(business, noun) for noun in ("customer", "resource"))
    staff = signer.bearer(business, role="staff", staff_id=own)
    desk = signer.bearer(business, "MANAGE_CALENDAR", role="staff")
    _, mine = await make(staff, scope="staff_member", scope_id=own)
    _, theirs = await make(desk, scope="staff_member", scope_id=colleague, names=False)
    await make(desk, scope="customer", scope_id=customer)
    await make(desk, scope="resource", scope_id=room)
    for refused in (
        {},
        {"names": False},
        {"scope": "staff_member", "scope_id": colleague},
        {"scope": "customer", "scope_id": customer, "names": False},
        {"scope": "resource", "scope_id": room},
    ):
        answer = await gateway.client.post(FEEDS, json=wanted | refused, headers=staff)
        assert (answer.status_code, answer.json()["missing"]) == (403, ["MANAGE_CALENDAR"])
    assert [feed["id"] for feed in await listed(gateway, staff)] == [mine["id"]]
    assert len(await listed(gateway, desk)) == 4
    for method, ending in (("POST", "/rotate"), ("DELETE", "")):
        place = f"{FEEDS}/{theirs['id']}{ending}"
        assert (await gateway.client.request(method, place, headers=staff)).status_code == 404
    nobody = signer.bearer(business, role="staff")
    assert await listed(gateway, nobody) == []


async def test_another_businesss_things_and_feeds_do_not_exist(
    gateway, owners, make, wanted, signer, business
):
    other = uuid4()
    _, feed = await make()
    for scope, id_ in (
        ("staff_member", owners.knows(other, "staff_member")),
        ("customer", str(uuid4())),
        ("resource", owners.knows(other, "resource")),
        ("resource", str(uuid4())),
    ):
        answer = await gateway.client.post(
            FEEDS, json=wanted | {"scope": scope, "scope_id": id_}, headers=signer.bearer(business)
        )
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    stranger = signer.bearer(other)
    assert await listed(gateway, stranger) == []
    for method, ending in (("POST", "/rotate"), ("DELETE", "")):
        place = f"{FEEDS}/{feed['id']}{ending}"
        assert (await gateway.client.request(method, place, headers=stranger)).status_code == 404


async def test_the_same_key_makes_one_feed_and_shows_its_address_once(
    gateway, owners, wanted, signer, business
):
    account = {"sub": str(uuid4())}
    key = {"Idempotency-Key": "k1"}
    owner = signer.bearer(business, **account)
    first = await gateway.client.post(FEEDS, json=wanted, headers=owner | key)
    again = await gateway.client.post(FEEDS, json=wanted, headers=owner | key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["url"]
    assert again.json() == first.json() | {"url": None}
    assert len(await listed(gateway, owner)) == 1
    other_body = await gateway.client.post(
        FEEDS, json=wanted | {"names": False}, headers=owner | key
    )
    assert other_body.status_code == 422
    assert other_body.json()["type"] == "/problems/idempotency-key-reused"
    of_another = await gateway.client.post(
        FEEDS, json=wanted, headers=signer.bearer(business) | key
    )
    assert of_another.json()["url"]


async def test_a_repetition_does_not_bring_a_revoked_feed_back(
    gateway, owners, wanted, signer, business
):
    owner = signer.bearer(business, sub=str(uuid4()))
    key = {"Idempotency-Key": "k2"}
    made = await gateway.client.post(FEEDS, json=wanted, headers=owner | key)
    assert (
        await gateway.client.delete(f"{FEEDS}/{made.json()['id']}", headers=owner)
    ).status_code == 204
    again = await gateway.client.post(FEEDS, json=wanted, headers=owner | key)
    assert (again.status_code, again.json()["type"]) == (410, "/problems/feed-revoked")
    assert await listed(gateway, owner) == []


async def test_a_fetch_that_ends_after_the_revocation_leaves_nothing_behind(
    gateway, owners, make, signer, business
):
    _, made = await make()
    records = gateway.app.state.feeds
    feed = await records.find(business, UUID(made["id"]))
    await gateway.client.delete(f"{FEEDS}/{made['id']}", headers=signer.bearer(business))
    await records.note_fetched(feed, datetime.now(UTC))
    assert await records.last_fetched(business) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Core\r\nATTENDEE:x"},
        {"title": "Core\nBerlin"},
        {"title": "Core\u2028Berlin"},
        {"title": ""},
        {"title": "x" * 201},
        {"names": "yes"},
        {"scope": "room"},
        {"scope": "staff_member"},
        {"scope_id": str(uuid4())},
        {"scope": "customer", "scope_id": "me"},
        {"colour": "red"},
    ],
)
async def test_a_feed_that_is_none_is_refused(gateway, owners, wanted, signer, business, changed):
    answer = await gateway.client.post(
        FEEDS, json=wanted | changed, headers=signer.bearer(business)
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


async def test_large_bodies_and_other_methods_are_refused(gateway, wanted, signer, business):
    owner = signer.bearer(business)
    large = await gateway.client.post(
        FEEDS, json=wanted | {"title": "x" * 1_000_000}, headers=owner
    )
    assert large.status_code == 413
    put = await gateway.client.put(FEEDS, json=wanted, headers=owner)
    assert (put.status_code, put.headers["Allow"]) == (405, "GET, POST")
    assert put.json()["type"] == "/problems/method-not-allowed"


@pytest.mark.parametrize("scope", ["staff_member", "resource"])
async def test_without_the_owner_of_the_thing_nothing_is_made(
    gateway, wanted, signer, business, scope, impatient
):
    scope = {"scope": scope, "scope_id": str(uuid4())}
    answer = await gateway.client.post(FEEDS, json=wanted | scope, headers=signer.bearer(business))
    assert answer.status_code == 503
