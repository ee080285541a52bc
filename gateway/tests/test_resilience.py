import asyncio
import contextlib
import socket
import time
from collections import Counter

import httpx2
import pytest

from chassis.testing import eventually
from gateway.breaker import OPENS_AFTER, Breaker, Unreachable

PAGE = "/api/public/booking/core"
HOLDS = "/api/public/booking/core/holds"


@pytest.fixture
def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def url(port):
    return f"http://127.0.0.1:{port}"


async def test_a_dead_service_is_a_problem_to_try_again_and_the_others_go_on(
    serve, recorder, free_port
):
    async with serve(upstream_scheduling=url(free_port)) as gateway:
        answer = await gateway.client.post(HOLDS, json={})
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "1"
        assert answer.json()["type"] == "/problems/try-again"
        assert "Nothing was done" in answer.json()["detail"]
        assert (await gateway.client.get(PAGE)).status_code == 200


async def test_a_service_that_comes_back_is_found_by_itself(serve, recorder, listen, free_port):
    async with serve(upstream_catalog=url(free_port)) as gateway:
        for _ in range(20):
            assert (await gateway.client.get(PAGE)).status_code == 503
        async with listen(recorder, free_port):

            async def answers():
                return (await gateway.client.get(PAGE)).status_code == 200

            # How often the breaker lets one through is shown below, by a clock of its own.
            await eventually(answers)
            assert (await gateway.client.get(PAGE)).status_code == 200


async def test_a_slammed_door_is_no_closed_one_and_a_closed_one_costs_no_time(serve, recorder):
    knocks = 0

    async def slam(_reader, writer):
        nonlocal knocks
        knocks += 1
        writer.close()

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with serve(upstream_catalog=url(port)) as gateway:
        # Somebody opens and slams the door: that is no failed connection, so all get through.
        for _ in range(10):
            assert (await gateway.client.post(PAGE)).status_code == 503
        assert knocks == 10
        server.close()
        began = time.monotonic()
        for _ in range(100):
            assert (await gateway.client.post(PAGE)).status_code == 503
        assert time.monotonic() - began < 10, "Not even a fraction of the time to connect in"


def test_an_open_breaker_lets_one_attempt_through_a_second():
    now, tried = [0.0], 0
    breaker = Breaker(monotonic=lambda: now[0])

    def fail():
        nonlocal tried
        with breaker.attempt():
            tried += 1
            raise Unreachable

    for _ in range(100):
        with pytest.raises(Unreachable):
            fail()
        now[0] += 0.25
    assert tried == OPENS_AFTER + 23
    now[0] += 1
    with breaker.attempt(), pytest.raises(Unreachable):
        fail()
    with breaker.attempt(), breaker.attempt():
        pass


async def test_refusals_and_defects_pass_as_they_are_and_open_nothing(gateway, reply):
    for status in (400, 404, 409, 422, 500, 503):
        problem = {"type": "/problems/x", "status": status}
        gateway.recorder.handlers[PAGE] = reply(status, {"x-from": "service"}, problem)
        for _ in range(10):
            answer = await gateway.client.get(PAGE)
            assert (answer.status_code, answer.json()) == (status, problem)
    gateway.recorder.handlers.clear()
    assert (await gateway.client.get(PAGE)).status_code == 200


async def test_silence_is_unknown_and_says_so_and_opens_nothing(serve, recorder):
    async def silent(_scope, receive, _send):
        while (await receive())["type"] != "http.disconnect":
            pass

    recorder.handlers[HOLDS] = silent
    async with serve(answer_seconds=1) as gateway:
        answers = await asyncio.gather(*(gateway.client.post(HOLDS, json={}) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {503}
        assert "not known whether it was done" in answers[0].json()["detail"]
        recorder.handlers.clear()
        assert (await gateway.client.post(HOLDS, json={})).status_code == 200


async def test_those_who_find_no_place_wait_in_line(serve, recorder):
    at_once = most = 0

    async def work(scope, receive, send):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    recorder.handlers[HOLDS] = work
    async with serve(in_flight=8) as gateway:
        answers = await asyncio.gather(*(gateway.client.post(HOLDS) for _ in range(100)))
    assert Counter(answer.status_code for answer in answers) == {200: 100}
    assert most == 8


async def test_a_full_line_and_a_long_wait_are_refused_and_other_services_go_on(serve, recorder):
    go_on = asyncio.Event()

    async def held_up(_scope, _receive, send):
        await go_on.wait()
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    recorder.handlers[HOLDS] = held_up
    async with serve(in_flight=1, waiting=1, patience_seconds=0.3) as gateway:
        first = asyncio.create_task(gateway.client.post(HOLDS))
        await eventually(lambda: busy(gateway))
        others = await asyncio.gather(*(gateway.client.post(HOLDS) for _ in range(5)))
        assert {answer.status_code for answer in others} == {503}
        assert (await gateway.client.get(PAGE)).status_code == 200
        go_on.set()
        assert (await first).status_code == 200
        assert (await gateway.client.post(HOLDS)).status_code == 200


async def busy(gateway):
    return gateway.app.state.gateway.upstreams["scheduling"].bulkhead.is_full


async def test_a_restarted_service_costs_no_error(serve, recorder, listen, free_port):
    async with serve(upstream_catalog=url(free_port)) as gateway:
        for _ in range(5):
            async with listen(recorder, free_port):
                many = [gateway.client.get(PAGE) for _ in range(10)]
                answers = await asyncio.gather(*many)
                answers += [await gateway.client.post(PAGE, json={})]
            assert {answer.status_code for answer in answers} == {200}


async def test_a_connection_that_died_unnoticed_costs_an_idempotent_request_nothing(
    serve, recorder
):
    served = []

    async def once_per_connection(reader, writer):
        """Promises to keep the connection alive, and drops it on the second request."""
        request = await reader.readuntil(b"\r\n\r\n")
        served.append(request.split()[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(once_per_connection, "127.0.0.1", 0)
    async with serve(upstream_catalog=url(server.sockets[0].getsockname()[1])) as gateway:
        for _ in range(3):
            assert (await gateway.client.get(PAGE)).status_code == 200
        assert served == [b"GET"] * 3
        answer = await gateway.client.post(PAGE)
        assert answer.status_code == 503
        assert "not known whether it was done" in answer.json()["detail"]
        assert served == [b"GET"] * 3
    server.close()


async def test_two_hundred_bookings_of_one_slot_have_one_winner_and_no_error(gateway, reply):
    taken = asyncio.Lock()
    won = reply(201, {"Location": "/api/appointments/1"}, {})
    lost = reply(409, {}, {"type": "/problems/slot-taken"})
    winners = 0

    async def book(scope, receive, send):
        nonlocal winners
        async with taken:
            await asyncio.sleep(0.001)
            winners += 1
            handler = won if winners == 1 else lost
        await handler(scope, receive, send)

    path = "/api/public/booking/core/appointments"
    gateway.recorder.handlers[path] = book
    limits = httpx2.Limits(max_connections=200)
    async with httpx2.AsyncClient(base_url=url(gateway.port), limits=limits, timeout=20) as crowd:
        answers = await asyncio.gather(*(crowd.post(path, json={}) for _ in range(200)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 199}


async def served_raw(*answers):
    """A service that says exactly these bytes, one after each request, and what it was asked."""
    asked = []

    async def answer(reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while answers_left:
                asked.append(await reader.readuntil(b"\r\n\r\n"))
                for part in answers_left.pop(0):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0.01)
                if b"close" in part:
                    break
        writer.close()

    answers_left = list(answers)
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, url(server.sockets[0].getsockname()[1]), asked


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\ncontent-le", b"ngth: 4\r\n\r\nab", b"cd"], b"abcd"),
        (
            [
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r",
                b"\n2\r\ncd\r\n0",
                b"\r\n\r\n",
            ],
            b"abcd",
        ),
        (
            [
                b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n",
                b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na",
            ],
            b"a",
        ),
        ([b"HTTP/1.0 200 OK\r\n\r\nab", b"cd closes"], b"abcd closes"),
    ],
    ids=["torn apart", "chunked", "after a hint", "ended by closing"],
)
async def test_answers_arrive_whole_however_they_are_framed(serve, recorder, parts, body):
    server, origin, _ = await served_raw(parts)
    async with server, serve(upstream_catalog=origin) as gateway:
        answer = await gateway.client.get(PAGE)
        assert (answer.status_code, answer.content) == (200, body)
        assert "link" not in answer.headers


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
)
async def test_what_is_no_answer_is_a_problem_to_try_again(serve, recorder, nonsense):
    server, origin, _ = await served_raw([nonsense, b"close"])
    async with server, serve(upstream_catalog=origin) as gateway:
        assert (await gateway.client.post(PAGE)).status_code == 503


async def test_what_comes_after_an_answer_is_nobodys_answer(serve, recorder):
    first = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"
    smuggled = first.replace(b"\na", b"\nX")
    server, origin, asked = await served_raw([first + smuggled], [first], [first])
    async with server, serve(upstream_catalog=origin) as gateway:
        for _ in range(3):
            assert (await gateway.client.get(PAGE)).content == b"a"
    assert len(asked) == 3
