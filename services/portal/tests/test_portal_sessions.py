"""A signed-in browser: how long, on which of them, and until when it is ended."""

from datetime import UTC, datetime, timedelta
from itertools import product

from chassis.testing import eventually
from portal.portal_sessions.models import PortalSession
from services.portal.tests.studio import COOKIE, Client, cookie_of

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
HALF_AN_HOUR, HALF_A_DAY, A_MONTH = timedelta(minutes=30), timedelta(hours=12), timedelta(days=30)
A_MOMENT = timedelta(milliseconds=1)


async def lives(client: Client) -> bool:
    return (await client.ask("GET", "/session")).status_code == 200


async def test_the_cookie_is_for_our_host_alone_and_no_script_reads_it(studio, portal) -> None:
    customer = await studio.customer()
    for kept, age in ((False, None), (True, "Max-Age=2592000")):
        token = await studio.link(customer["email"])
        opened = await portal.post(
            "/api/portal/session", json={"token": token, "keep_signed_in": kept}
        )
        flags = opened.headers["Set-Cookie"].split("; ")[1:]
        wanted = {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} | ({age} if age else set())
        assert set(flags) == wanted
        assert opened.headers["Set-Cookie"].startswith(f"{COOKIE}=")
        assert opened.headers["Cache-Control"] == "no-store"


async def test_only_a_hash_of_its_secret_is_kept(studio, rows) -> None:
    client = await studio.client()
    [session] = await rows(PortalSession, studio.id)
    assert client.cookie.rpartition(".")[2] not in " ".join(map(str, vars(session).values()))


async def test_nobody_uses_it_for_half_an_hour_and_it_is_over(studio, clock) -> None:
    clock.set(NOW)
    client = await studio.client()
    clock.set(at := NOW + HALF_AN_HOUR - A_MOMENT)
    assert await lives(client)
    # Half an hour since it was used, and not since it was opened.
    clock.set(at := at + HALF_AN_HOUR - A_MOMENT)
    assert await lives(client)
    clock.set(at + HALF_AN_HOUR)
    over = await client.ask("GET", "/bookings")
    assert (over.status_code, over.json()["type"]) == (401, "/problems/not-signed-in")
    clock.set(at)
    assert await lives(client)


async def test_however_often_it_is_used_it_ends_after_twelve_hours(studio, clock) -> None:
    clock.set(NOW)
    client = await studio.client()
    at = NOW
    while at + timedelta(minutes=29) < NOW + HALF_A_DAY:
        clock.set(at := at + timedelta(minutes=29))
        assert await lives(client)
    clock.set(NOW + HALF_A_DAY - A_MOMENT)
    assert await lives(client)
    clock.set(NOW + HALF_A_DAY)
    assert not await lives(client)


async def test_who_is_kept_signed_in_is_for_thirty_days(studio, clock) -> None:
    clock.set(NOW)
    client = await studio.client(keep_signed_in=True)
    clock.set(NOW + A_MONTH - A_MOMENT)
    assert await lives(client)
    clock.set(NOW + A_MONTH)
    assert not await lives(client)


async def test_my_browsers_are_listed_and_ended_one_by_one(studio) -> None:
    customer = await studio.customer()
    here, there = await studio.sign_in(customer), await studio.sign_in(customer)
    listed = (await here.told("GET", "/sessions"))["items"]
    assert [one["current"] for one in listed].count(True) == 1
    [other] = [one for one in listed if not one["current"]]
    await here.told("DELETE", f"/sessions/{other['id']}")
    assert (await lives(here), await lives(there)) == (True, False)
    again = await here.ask("DELETE", f"/sessions/{other['id']}")
    assert again.status_code == 404


async def test_all_my_other_browsers_are_ended_at_once(studio) -> None:
    customer = await studio.customer()
    clients = [await studio.sign_in(customer) for _ in range(3)]
    await clients[0].told("DELETE", "/sessions")
    assert [await lives(one) for one in clients] == [True, False, False]


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(studio) -> None:
    client = await studio.client()
    out = await client.ask("DELETE", "/session")
    assert (out.status_code, cookie_of(out)) == (204, "")
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert not await lives(client)


async def test_somebody_elses_session_cannot_be_ended(studio, open_studio) -> None:
    customer = await studio.customer()
    mine, other = await studio.sign_in(customer), await studio.client("Ben Winter")
    abroad = await (await open_studio()).client("Eve Fern")
    theirs = [(await one.told("GET", "/sessions"))["items"][0]["id"] for one in (other, abroad)]
    for id_ in (*theirs, "malformed"):
        assert (await mine.ask("DELETE", f"/sessions/{id_}")).status_code == 404
    assert await lives(other)
    assert await lives(abroad)


async def test_a_cookie_that_is_not_ours_is_nobodys(studio, open_studio) -> None:
    client = await studio.client()
    business, session, secret = client.cookie.split(".")
    other = (await (await open_studio()).client()).cookie.split(".")
    for turned in (
        f"{business}.{session}.{other[2]}",
        f"{business}.{other[1]}.{secret}",
        f"{other[0]}.{session}.{secret}",
        "x" * 5000,
        "",
    ):
        client.cookie = turned
        assert (await client.ask("GET", "/session")).status_code == 401, turned


async def test_who_is_archived_is_signed_out(studio) -> None:
    customer = await studio.customer()
    client = await studio.sign_in(customer)
    await studio.told(studio.owners.catalog, "DELETE", f"/customers/{customer['id']}")

    async def is_out() -> bool:
        return not await lives(client)

    await eventually(is_out)


SAID = (
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"}, True),
    ({"Origin": "https://bookly.example"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://bookly.example"}, False),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "https://bookly.example.evil.example"}, False),
    ({"Origin": "http://bookly.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": ""}, False),
)


async def test_only_our_own_pages_act_with_the_cookie(studio) -> None:
    client = await studio.client()
    tries = [
        ("DELETE", "/sessions", None),
        ("POST", "/feed", None),
        ("POST", "/session", {"token": "x"}),
        ("POST", f"/{studio.slug}/magic-links", {"email": "a@example.com"}),
        ("PUT", "/profile", {"name": "Eve"}),
        ("POST", "/profile/email-changes", {"email": "eve@example.com"}),
    ]
    for (said, allowed), (method, path, body) in product(SAID, tries):
        answer = await client.ask(method, path, json=body, headers=said)
        is_refused = answer.status_code == 403 and answer.json()["type"] == "/problems/another-site"
        assert is_refused != allowed, (said, method, path, answer.text)
    for said, _ in SAID:
        assert (await client.ask("GET", "/session", headers=said)).status_code == 200


def test_every_change_is_guarded_and_every_page_says_for_whom_it_is(settings) -> None:
    from fastapi.routing import APIRoute, iter_route_contexts  # noqa: PLC0415

    from portal import main  # noqa: PLC0415
    from portal.manage_links.routes import opened  # noqa: PLC0415
    from portal.portal_sessions.signed_in import signed_in, signed_in_apart  # noqa: PLC0415
    from portal.same_origin import from_our_pages  # noqa: PLC0415

    for_anybody = {
        ("GET", "/api/portal/{slug}/page"),
        ("POST", "/api/portal/{slug}/magic-links"),
        ("POST", "/api/portal/session"),
        ("POST", "/api/portal/profile/email-changes/confirm"),
        ("GET", "/api/portal/feeds/{token}.ics"),
    }
    open_, unguarded = set(), []
    for route in iter_route_contexts(main.create(settings).routes):
        if not isinstance(route.original_route, APIRoute) or not route.path.startswith("/api"):
            continue
        calls = set(calls_of(route.dependant))
        [method] = route.methods
        if from_our_pages not in calls:
            unguarded.append(route.path)
        if not calls & {signed_in, signed_in_apart, opened}:
            open_.add((method, route.path))
    assert unguarded == []
    assert open_ == for_anybody


def calls_of(dependant):
    for needed in dependant.dependencies:
        yield needed.call
        yield from calls_of(needed)
