"""What an address or a server of calendars may try, and what comes of it."""

import asyncio
import gzip
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Network
from itertools import chain, repeat
from typing import Any

import pytest
from aiohttp import web

from scheduling.busy_calendars import reading
from scheduling.busy_calendars.fetch_policy import FetchPolicy, NotFetched
from scheduling.busy_calendars.fetching import MAX_BYTES, fetch
from scheduling.settings import SchedulingSettings
from services.scheduling.tests.elsewhere import SOMEBODY_ELSE, calendar, vevent

HOUR = "DTSTART:20270104T090000Z", "DTEND:20270104T100000Z"
CONNECTS: list[str] = []
"""Every address that this process has tried to connect to."""


def note_connects(event: str, arguments: Any) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        CONNECTS.append(arguments[1][0])


@pytest.fixture(scope="module", autouse=True)
def _watch() -> None:
    sys.addaudithook(note_connects)


@pytest.fixture
def connects() -> list[str]:
    CONNECTS.clear()
    return CONNECTS


class Inside:
    """A server that must not be reached."""

    def __init__(self, port: int) -> None:
        self.port, self.reached = port, 0


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    found = Inside(0)

    async def met(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.reached += 1
        writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


REFUSED_AT_ONCE = {
    "http://127.0.0.1/a.ics": "address_refused",
    "https://10.1.2.3/a.ics": "address_refused",
    "https://172.16.0.1/a.ics": "address_refused",
    "https://192.168.1.1/a.ics": "address_refused",
    "http://169.254.169.254/latest/meta-data/": "address_refused",
    "https://100.64.0.1/a.ics": "address_refused",
    "https://0.0.0.0/a.ics": "address_refused",
    "https://224.0.0.1/a.ics": "address_refused",
    "https://255.255.255.255/a.ics": "address_refused",
    "https://198.18.0.1/a.ics": "address_refused",
    "https://192.88.99.1/a.ics": "address_refused",
    "http://[::1]/a.ics": "address_refused",
    "http://[::]/a.ics": "address_refused",
    "http://[::ffff:10.0.0.1]/a.ics": "address_refused",
    "http://[::ffff:127.0.0.2]/a.ics": "address_refused",
    "http://[::10.0.0.1]/a.ics": "address_refused",
    "http://[64:ff9b::a00:1]/a.ics": "address_refused",
    "http://[2002:a00:1::]/a.ics": "address_refused",
    "http://[fe80::1]/a.ics": "address_refused",
    "http://[fc00::1]/a.ics": "address_refused",
    "http://[fec0::1]/a.ics": "address_refused",
    "http://[ff02::1]/a.ics": "address_refused",
    "http://[2001:db8::1]/a.ics": "address_refused",
    "https://me:secret@example.com/a.ics": "credentials_in_address",
    "https://me@example.com/a.ics": "credentials_in_address",
    "file:///etc/passwd": "not_https",
    "gopher://example.com/a.ics": "not_https",
    "ftp://example.com/a.ics": "not_https",
    "//example.com/a.ics": "not_https",
    "javascript:alert(1)": "not_https",
    "https:///a.ics": "not_an_address",
    "https://[::1/a.ics": "not_an_address",
    "https://example.com:99999/a.ics": "not_an_address",
    "webcal:": "not_an_address",
    "webcal:foo": "not_an_address",
    "webcal:/a": "not_an_address",
    "webcal:///x": "not_an_address",
    "webcals:x": "not_an_address",
    "https://[]..x@": "not_an_address",
    "https://a\0b/a.ics": "not_an_address",
    "https://[%fe80::1%eth0::1]/": "not_an_address",
}


async def test_what_leads_inside_is_refused_where_it_is_typed(connecting, connects) -> None:
    own = await connecting()
    connects.clear()
    for url, reason in REFUSED_AT_ONCE.items():
        answer = await own.studio.client.post(
            own.place, json={"url": url, "name": "x"}, headers=own.headers
        )
        assert (answer.status_code, answer.json()["type"], answer.json()["reason"]) == (
            422,
            "/problems/address-not-taken",
            reason,
        ), url
    assert set(connects) <= {"127.0.0.1"}, "Only our own servers, which are there."
    listed = await own.studio.client.get(own.place, headers=own.headers)
    assert listed.json() == {"items": []}


def test_in_production_all_is_https_on_its_own_port() -> None:
    policy = FetchPolicy()
    assert str(policy.check("webcal://example.com/a.ics")) == "https://example.com/a.ics"
    assert str(policy.check("https://93.184.215.14/a.ics")) == "https://93.184.215.14/a.ics"
    assert policy.check("https://[2001:4860:4860::8888]/a.ics").port == 443
    for url, reason in {
        "http://example.com/a.ics": "not_https",
        "https://example.com:22/a.ics": "port_refused",
        "https://example.com:80/a.ics": "port_refused",
        "https://127.0.0.2/a.ics": "address_refused",
    }.items():
        with pytest.raises(NotFetched) as refused:
            policy.check(url)
        assert refused.value.failure == reason, url


def test_inner_networks_are_open_to_the_embedded_stack_alone(settings) -> None:
    needed = settings.model_dump(include={"database_url", "nats_url", "public_keys"})
    inside = needed | {"fetch_from": "10.0.0.0/8, ::1", "fetch_ports": "443,8443"}
    with pytest.raises(ValueError, match="BOOKLY_FETCH_FROM"):
        SchedulingSettings(**inside)
    told = SchedulingSettings(**inside, embedded=True)
    assert (len(told.fetch_from), told.fetch_ports) == (2, {443, 8443})


async def test_a_name_that_stands_for_something_inside_is_not_connected_to(
    connecting, inside, connects
) -> None:
    own = await connecting()
    for host in ("localhost", "127.1", "2130706433", "0x7f.1", "0"):
        found = await own.connect(f"http://{host}:{inside.port}/a.ics")
        assert found["failure"] in ("address_refused", "unreachable", "unknown_host"), host
        place = f"{own.place}/{found['id']}"
        await own.studio.client.delete(place, headers=own.headers)
    named = await own.connect(f"http://localhost:{inside.port}/a.ics")
    assert named["failure"] == "address_refused"
    assert inside.reached == 0


async def test_a_redirect_is_checked_like_an_address(connecting, elsewhere, inside) -> None:
    def to(place: str) -> Any:
        async def redirect(_request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": place})

        return redirect

    own = await connecting()
    good = elsewhere.put(calendar(vevent(*HOUR)))
    for place, failure in {
        good: None,
        elsewhere.path(good): None,
        f"http://127.0.0.1:{inside.port}/": "address_refused",
        f"http://localhost:{inside.port}/": "address_refused",
        "http://10.0.0.1/": "address_refused",
        "file:///etc/passwd": "not_https",
        f"http://me:you@{SOMEBODY_ELSE}/": "credentials_in_address",
        "http://[::1": "unreachable",
        "webcal:foo": "not_an_address",
        "http://[]..x@": "unreachable",
    }.items():
        found = await own.connect(elsewhere.put(to(place)))
        assert found["failure"] == failure, place
        await own.studio.client.delete(f"{own.place}/{found['id']}", headers=own.headers)
    assert inside.reached == 0
    ends = good
    for _ in range(3):
        ends = elsewhere.put(to(ends))
    assert (await own.connect(ends))["failure"] is None
    assert (await own.connect(elsewhere.put(to(ends))))["failure"] == "too_many_redirects"


async def test_a_name_cannot_change_its_mind_after_the_check(
    elsewhere, inside, monkeypatch
) -> None:
    """DNS rebinding: the second look-up of one name says something else than the first."""
    answers = chain([SOMEBODY_ELSE], repeat("127.0.0.1"))
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def rebound(host: Any, *more: Any, **named: Any) -> Any:
        return await real(next(answers) if host == "rebind.example" else host, *more, **named)

    port = elsewhere.origin.rpartition(":")[2]

    async def again(_request: web.Request) -> web.Response:
        location = f"http://rebind.example:{inside.port}/"
        return web.Response(status=302, headers={"Location": location})

    path = elsewhere.path(elsewhere.put(again))
    monkeypatch.setattr(loop, "getaddrinfo", rebound)
    policy = FetchPolicy(inside=(IPv4Network(SOMEBODY_ELSE),))
    with pytest.raises(NotFetched) as refused:
        await fetch(f"http://rebind.example:{port}{path}", policy)
    assert refused.value.failure == "address_refused"
    assert elsewhere.asked[path] == 1
    assert inside.reached == 0


async def test_servers_that_are_slow_are_left(connecting, elsewhere) -> None:
    async def silent(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async def dripping(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            while True:
                await answer.write(b"X")
                await asyncio.sleep(0.1)
        return answer

    own = await connecting()
    urls = [elsewhere.put(what) for what in (silent, dripping)]
    found = await asyncio.gather(*(own.connect(url) for url in urls))
    assert [each["failure"] for each in found] == ["too_slow"] * 2


async def test_no_more_is_taken_than_a_calendar_may_have(connecting, elsewhere) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            while True:
                await answer.write(b"X" * 1_000_000)
        return answer

    async def squeezed(_request: web.Request) -> web.Response:
        body = gzip.compress(b" " * 10_000_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    own = await connecting()
    for what, failure in (
        (endless, "too_large"),
        (b"X" * (MAX_BYTES + 1), "too_large"),
        (squeezed, "compressed"),
    ):
        assert (await own.connect(elsewhere.put(what)))["failure"] == failure


async def test_marks_that_no_column_could_hold_are_not_kept(connecting, elsewhere) -> None:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        text = calendar(vevent(*HOUR))
        head = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: "\xff\xfe"\r\n' % len(text)
        writer.write(head + b"Last-Modified: " + b"x" * 5000 + b"\r\n\r\n" + text)
        await writer.drain()
        writer.close()

    own = await connecting()
    async with await asyncio.start_server(reply, SOMEBODY_ELSE, 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await own.connect(f"http://{SOMEBODY_ELSE}:{port}/a.ics")
    assert (found["failure"], found["failures"]) == (None, 0)


NEVER_ENDS = vevent(*HOUR, "RRULE:FREQ=SECONDLY;COUNT=1000000000")
NEVER_BEGINS = vevent(*HOUR, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
MANY = "\r\n".join(
    f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:20270104T090000Z\r\nEND:VEVENT" for n in range(70_000)
)


async def test_hostile_calendars_end_in_bounded_time(connecting, elsewhere) -> None:
    own = await connecting()
    texts = [calendar(NEVER_ENDS), calendar(NEVER_BEGINS), calendar(MANY)]
    found = await asyncio.gather(
        *(own.connect(elsewhere.put(text), within_seconds=60) for text in texts)
    )
    assert [each["failure"] for each in found] == ["too_much_to_read"] * 3
    after = await own.connect(elsewhere.put(calendar(vevent(*HOUR))))
    assert after["failure"] is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"\xff\xfe\x00\x01",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\n" * 5000,
    ],
)
async def test_what_is_no_calendar_is_said_to_be_none(connecting, elsewhere, text) -> None:
    own = await connecting()
    assert (await own.connect(elsewhere.put(text)))["failure"] == "not_a_calendar"


async def test_one_bad_event_does_not_hide_the_others(connecting, elsewhere) -> None:
    own = await connecting()
    bad = (
        vevent("DTSTART:00010101T000000", "DTEND:99991231T235959"),
        vevent("DTSTART:yesterday", "DTEND:tomorrow"),
        vevent(*HOUR, "RRULE:FREQ=NEVER;INTERVAL=0"),
        vevent(*HOUR, "RRULE:FREQ=DAILY;INTERVAL=-1;COUNT=99999999999999999999"),
    )
    found = await own.connect(elsewhere.put(calendar(*bad, vevent(*HOUR))))
    assert found["failure"] is None
    assert "2027-01-04T09:00:00Z" not in await own.studio.slots("2027-01-04")


def test_of_too_many_times_the_soonest_are_kept() -> None:
    rule = "RRULE:FREQ=HOURLY;UNTIL=20270901T000000Z"
    often = vevent("DTSTART:20261201T000000Z", "DTEND:20261201T002000Z", rule)
    begins = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
    found = reading.read(calendar(often), "Europe/Berlin", begins, begins + 400 * 86_400)
    assert len(found["times"]) == 5000
    assert found["times"][-1] == (begins + 4999 * 3600, begins + 4999 * 3600 + 1200)
    assert found["known_until"] == begins + 5000 * 3600
