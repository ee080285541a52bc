import asyncio
import json
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

WEEK = {"from": "2027-03-22T00:00:00+01:00", "to": "2027-03-29T00:00:00+02:00"}


def entry(source, starts_at):
    return {
        "source": source,
        "kind": "appointment" if source == "scheduling" else "class_session",
        "id": str(uuid4()),
        "title": "Reformer",
        "starts_at": starts_at,
        "ends_at": "2027-03-28T12:00:00Z",
        "status": "confirmed",
        "version": 1,
    }


def calendar_of(*entries):
    async def handle(_scope, _receive, send):
        content = json.dumps({"entries": list(entries)}).encode()
        headers = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return handle


@pytest.fixture
async def two(serve, listen, recorder):
    """A gateway in front of a scheduling and a pilates that differ."""
    scheduling, pilates = type(recorder)(), type(recorder)()
    async with listen(scheduling) as first, listen(pilates) as second:
        urls = {"upstream_scheduling": first, "upstream_pilates": second}
        async with serve(**{k: f"http://127.0.0.1:{port}" for k, port in urls.items()}) as gateway:
            yield gateway, scheduling, pilates


async def test_entries_of_all_services_come_in_order_of_their_instants(two, signer, business):
    gateway, scheduling, pilates = two
    early = entry("scheduling", "2027-03-28T09:00:00+02:00")
    late = entry("scheduling", "2027-03-28T09:30:00Z")
    between = entry("pilates", "2027-03-28T07:30:00+00:00")
    scheduling.handlers["/api/calendar"] = calendar_of(early, late)
    pilates.handlers["/api/calendar"] = calendar_of(between)
    answer = await gateway.client.get("/api/calendar", params=WEEK, headers=signer.bearer(business))
    assert answer.json() == {"entries": [early, between, late], "unavailable": []}


async def test_the_services_are_asked_with_the_callers_token_and_the_same_question(
    two, signer, business
):
    gateway, scheduling, pilates = two
    bearer = signer.bearer(business)
    staff = [str(uuid4()), str(uuid4())]
    answer = await gateway.client.get(
        "/api/calendar",
        params=WEEK | {"staff": staff},
        headers=bearer | {"If-None-Match": '"seen"'},
    )
    assert answer.status_code == 200
    for asked in (scheduling.last, pilates.last):
        assert asked.all("authorization") == [bearer["Authorization"]]
        assert asked.all("if-none-match") == []
        assert parse_qs(asked.query) == {name: [value] for name, value in WEEK.items()} | {
            "staff": staff
        }


async def test_what_does_not_answer_is_named_and_the_rest_is_shown(two, reply, signer, business):
    gateway, scheduling, pilates = two
    found = entry("scheduling", "2027-03-28T09:00:00Z")
    scheduling.handlers["/api/calendar"] = calendar_of(found)

    async def silent(_scope, _receive, _send):
        await asyncio.sleep(30)

    for broken in (reply(500), reply(200, {}, ["nonsense"]), silent):
        pilates.handlers["/api/calendar"] = broken
        answer = await gateway.client.get(
            "/api/calendar", params=WEEK, headers=signer.bearer(business)
        )
        assert answer.json() == {"entries": [found], "unavailable": ["pilates"]}
        # Two seconds are given to each; a machine with other work may take longer to say so.
        assert answer.elapsed.total_seconds() < 6


async def test_a_refusal_of_a_service_is_the_answer(two, reply, signer, business):
    gateway, _, pilates = two
    problem = {"type": "/problems/forbidden", "title": "No", "status": 403}
    pilates.handlers["/api/calendar"] = reply(403, {}, problem)
    answer = await gateway.client.get("/api/calendar", params=WEEK, headers=signer.bearer(business))
    assert (answer.status_code, answer.json()) == (403, problem)
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_calendar_that_has_not_changed_is_not_sent_again(two, signer, business):
    gateway, scheduling, pilates = two
    scheduling.handlers["/api/calendar"] = calendar_of(entry("scheduling", "2027-03-28T09:00:00Z"))
    pilates.handlers["/api/calendar"] = calendar_of()
    bearer = signer.bearer(business)
    first = await gateway.client.get("/api/calendar", params=WEEK, headers=bearer)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Vary"] == "Authorization"
    for condition in (first.headers["ETag"], f'"x", W/{first.headers["ETag"]}', "*"):
        again = await gateway.client.get(
            "/api/calendar", params=WEEK, headers=bearer | {"If-None-Match": condition}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    pilates.handlers["/api/calendar"] = calendar_of(entry("pilates", "2027-03-28T09:00:00Z"))
    changed = await gateway.client.get(
        "/api/calendar", params=WEEK, headers=bearer | {"If-None-Match": first.headers["ETag"]}
    )
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


async def test_an_incomplete_calendar_is_nothing_to_keep(two, reply, signer, business):
    gateway, scheduling, pilates = two
    scheduling.handlers["/api/calendar"] = calendar_of()
    pilates.handlers["/api/calendar"] = reply(500)
    answer = await gateway.client.get(
        "/api/calendar", params=WEEK, headers=signer.bearer(business) | {"If-None-Match": "*"}
    )
    assert answer.status_code == 200
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "changed",
    [
        {"from": None},
        {"to": None},
        {"to": WEEK["from"]},
        {"to": "2027-03-01T00:00:00Z"},
        {"to": "2027-05-24T00:00:01+01:00"},
        {"from": "2027-03-22T00:00:00"},
        {"from": "2027-03-22"},
        {"from": "1700000000"},
        {"from": "tomorrow"},
        {"staff": "me"},
        {"colour": "red"},
    ],
)
async def test_a_range_that_is_none_is_refused(gateway, signer, business, changed):
    params = {name: value for name, value in (WEEK | changed).items() if value}
    answer = await gateway.client.get(
        "/api/calendar", params=params, headers=signer.bearer(business)
    )
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/invalid-request"
    assert gateway.recorder.seen == []


async def test_sixty_two_days_are_allowed(gateway, signer, business):
    params = WEEK | {"to": "2027-05-23T00:00:00+01:00"}
    answer = await gateway.client.get(
        "/api/calendar", params=params, headers=signer.bearer(business)
    )
    assert answer.status_code == 200


async def test_a_refusal_keeps_what_says_when_and_how_to_ask_again(two, reply, signer, business):
    gateway, scheduling, pilates = two
    pilates.handlers["/api/calendar"] = calendar_of()
    told = {"WWW-Authenticate": "Bearer", "Retry-After": "7", "X-Own": "1"}
    scheduling.handlers["/api/calendar"] = reply(429, told, {"status": 429})
    answer = await gateway.client.get("/api/calendar", params=WEEK, headers=signer.bearer(business))
    assert (answer.status_code, answer.json()) == (429, {"status": 429})
    assert (answer.headers["WWW-Authenticate"], answer.headers["Retry-After"]) == ("Bearer", "7")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "X-Own" not in answer.headers
