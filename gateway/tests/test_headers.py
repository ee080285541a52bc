import re

import pytest

from gateway.tests.conftest import answers

TOLD_BY_OUTSIDERS = {
    "X-Internal-Principal": "owner",
    "X-User-Id": "1",
    "X-User": "1",
    "X-Auth-Request-User": "1",
    "X-Forwarded-User": "1",
    "X-Forwarded-Prefix": "/x",
    "X-Real-IP": "10.0.0.1",
    "X-Original-URL": "/internal",
    "X-Rewrite-URL": "/internal",
    "Forwarded": "for=10.0.0.1",
    "X_User_Id": "1",
    "X_Forwarded_For": "10.0.0.1",
    "Connection": "keep-alive, X-Secret-Hop",
    "X-Secret-Hop": "1",
    "Keep-Alive": "5",
    "TE": "trailers",
    "Proxy-Authorization": "Basic x",
    "Upgrade": "h2c",
    "Baggage": "member=1",
}


async def test_what_only_we_may_say_is_not_taken_from_outside(gateway):
    await gateway.client.get("/api/public/booking/core", headers=TOLD_BY_OUTSIDERS)
    arrived = {name for name, _ in gateway.recorder.last.headers}
    assert not arrived & {name.lower() for name in TOLD_BY_OUTSIDERS}


async def test_we_say_ourselves_who_called_and_how(gateway):
    forged = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https", "Host": "studio.example"}
    await gateway.client.get("/api/public/booking/core", headers=forged)
    last = gateway.recorder.last
    assert last.all("x-forwarded-for") == ["127.0.0.1"]
    assert last.all("x-forwarded-proto") == ["http"]
    assert last.all("x-forwarded-host") == ["studio.example"]
    assert last.all("host")[0].startswith("127.0.0.1:")


async def test_a_trusted_proxy_is_believed_up_to_the_first_address_it_does_not_vouch_for(
    serve, recorder
):
    forwarded = {
        "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.1.1.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "studio.example",
    }
    async with serve(trusted_proxies="127.0.0.1, 10.0.0.0/8") as gateway:
        await gateway.client.get("/api/public/booking/core", headers=forwarded)
    assert recorder.last.all("x-forwarded-for") == ["203.0.113.9"]
    assert recorder.last.all("x-forwarded-proto") == ["https"]
    assert recorder.last.all("x-forwarded-host") == ["studio.example"]


async def test_a_trace_goes_on_and_one_without_a_trace_begins_one(gateway):
    theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await gateway.client.get("/api/public/booking/core", headers={"traceparent": theirs})
    assert gateway.recorder.last.all("traceparent") == [theirs]
    for nonsense in (
        {},
        {"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01", "tracestate": "x=1"},
    ):
        await gateway.client.get("/api/public/booking/core", headers=nonsense)
        (ours,) = gateway.recorder.last.all("traceparent")
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", ours)
        assert ours != nonsense.get("traceparent")
        assert gateway.recorder.last.all("tracestate") == []


async def test_conditions_and_keys_go_in_and_versions_and_places_come_out(
    gateway, reply, signer, business
):
    told = {"ETag": '"7"', "Location": "/api/appointments/1", "X-Custom": "grün"}
    gateway.recorder.handlers["/api/public/booking/core/appointments"] = reply(201, told, {"a": 1})
    answer = await gateway.client.post("/api/public/booking/core/appointments", json={})
    assert (answer.status_code, answer.json()) == (201, {"a": 1})
    assert answer.headers["ETag"] == '"7"'
    assert answer.headers["Location"] == "/api/appointments/1"
    assert answer.headers.get_list("X-Custom") == [told["X-Custom"].encode().decode("latin-1")] or (
        answer.headers["X-Custom"] == told["X-Custom"]
    )
    conditions = {"If-Match": '"6"', "Idempotency-Key": "k", "Accept-Language": "de"}
    await gateway.client.put(
        "/api/services/1", json={"x": 1}, headers=conditions | signer.bearer(business)
    )
    last = gateway.recorder.last
    assert {name.lower(): last.all(name.lower())[0] for name in conditions} == {
        name.lower(): value for name, value in conditions.items()
    }
    assert (last.method, last.body) == ("PUT", b'{"x":1}')
    assert last.all("content-type") == ["application/json"]


async def test_every_answer_carries_the_headers_that_protect_a_browser(gateway):
    for path in ("/api/public/booking/core", "/healthz", "/nowhere"):
        answer = await gateway.client.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "server" not in answer.headers


SMUGGLING = {
    "two framings": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two framings, the other way": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nabcd",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "a length with a sign": b"Content-Length: +4\r\n\r\nabcd",
    "a list of lengths": b"Content-Length: 4, 4\r\n\r\nabcd",
    "an encoding nobody knows": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a disguised encoding": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "two hosts": b"Host: elsewhere\r\n\r\n",
    "two tokens": b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "a header that is not UTF-8": b"X-Name: \xff\xfe\r\n\r\n",
    "a null in a header": b"X-Name: a\x00b\r\n\r\n",
}


@pytest.mark.parametrize("rest", SMUGGLING.values(), ids=SMUGGLING.keys())
async def test_a_request_that_can_be_read_in_two_ways_is_refused(gateway, rest):
    start = b"POST /api/public/booking/core/holds HTTP/1.1\r\nHost: bookly\r\n"
    answer = await gateway.raw(start + rest)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert gateway.recorder.seen == []


async def test_too_many_or_too_long_headers_are_refused(gateway):
    many = {f"X-{number}": "1" for number in range(120)}
    for headers in (many, {"X-Long": "x" * 40_000}):
        answer = await gateway.client.get("/api/public/booking/core", headers=headers)
        assert answer.status_code == 431
    assert gateway.recorder.seen == []


async def test_a_clients_cookie_passes_in_both_directions_as_it_is(gateway):
    cookie = "__Host-bookly-portal=abc.def; Path=/; Secure; HttpOnly; SameSite=Lax"
    gateway.recorder.handlers["/api/portal/session"] = answers(201, {"set-cookie": cookie})
    opened = await gateway.client.post("/api/portal/session", json={"token": "x"})
    assert opened.headers["Set-Cookie"] == cookie
    said = {
        "Cookie": "other=1; __Host-bookly-portal=abc.def",
        "Origin": "https://studio.example",
        "Sec-Fetch-Site": "same-origin",
    }
    await gateway.client.get("/api/portal/bookings", headers=said)
    arrived = dict(gateway.recorder.last.headers)
    assert {name: arrived[name.lower()] for name in said} == said
