import asyncio

STREAM = "/api/public/booking/core/class-sessions"


async def test_events_arrive_when_they_happen(gateway):
    go_on = asyncio.Event()

    async def handle(_scope, _receive, send):
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"data: 2\n\n"})

    gateway.recorder.handlers[STREAM] = handle
    async with gateway.client.stream("GET", STREAM) as answer:
        chunks = answer.aiter_raw()
        assert await anext(chunks) == b"data: 1\n\n"
        go_on.set()
        assert await anext(chunks) == b"data: 2\n\n"


async def test_the_head_arrives_before_there_is_any_event(gateway):
    go_on = asyncio.Event()

    async def handle(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b""})

    gateway.recorder.handlers[STREAM] = handle
    async with gateway.client.stream("GET", STREAM) as answer:
        assert answer.status_code == 200
        go_on.set()


async def test_a_reader_who_leaves_ends_the_stream_at_its_source(gateway):
    left = asyncio.Event()

    async def handle(_scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    gateway.recorder.handlers[STREAM] = handle
    async with gateway.client.stream("GET", STREAM) as answer:
        await anext(answer.aiter_raw())
    await asyncio.wait_for(left.wait(), 20)


async def test_an_answer_that_breaks_off_is_seen_to_break_off(gateway):
    async def handle(_scope, _receive, send):
        headers = [(b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError

    gateway.recorder.handlers[STREAM] = handle
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET " + STREAM.encode() + b" HTTP/1.1\r\nHost: bookly\r\n\r\n")
    whole = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert b"content-length: 100" in whole
    assert whole.endswith(b"half")


async def test_large_bodies_flow_both_ways(gateway):
    large = b"x" * (4 * 1024 * 1024)

    async def echo(_scope, receive, send):
        headers = [(b"content-length", str(len(large)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send({"type": "http.response.body", "body": message["body"], "more_body": more})

    gateway.recorder.handlers["/api/public/booking/core/holds"] = echo
    answer = await gateway.client.post("/api/public/booking/core/holds", content=large)
    assert answer.content == large


async def pieces(size, count):
    for _ in range(count):
        yield b"x" * size


async def test_a_body_of_unknown_length_arrives_whole(gateway):
    await gateway.client.post("/api/public/booking/core/holds", content=pieces(100_000, 20))
    assert len(gateway.recorder.last.body) == 2_000_000


async def test_more_than_five_megabytes_are_refused_however_they_are_announced(gateway):
    path = "/api/public/booking/core/holds"
    start = b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n"
    announced = await gateway.raw(start + b"Content-Length: 5242881\r\n\r\n")
    assert announced.startswith(b"HTTP/1.1 413 ")
    assert gateway.recorder.seen == []
    unannounced = await gateway.client.post(path, content=pieces(1_000_000, 6))
    assert unannounced.status_code == 413
    assert unannounced.json()["type"] == "/problems/body-too-large"
    assert not any(len(seen.body) > 5_242_880 for seen in gateway.recorder.seen)


async def test_exactly_five_megabytes_pass(gateway):
    content = b"x" * (5 * 1024 * 1024)
    answer = await gateway.client.post("/api/public/booking/core/holds", content=content)
    assert answer.status_code == 200
    assert len(gateway.recorder.last.body) == len(content)


async def test_a_slow_sender_of_a_small_body_occupies_no_place_at_the_service(serve, recorder):
    async with serve(in_flight=1, answer_seconds=1) as gateway:
        start = (
            b"POST /api/public/booking/core/holds HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
        )
        slow = asyncio.create_task(gateway.raw(start + b"half"))
        assert (await gateway.client.get("/api/public/booking/core")).status_code == 200
        assert (await slow).startswith(b"HTTP/1.1 408 ")
    assert [seen.method for seen in recorder.seen] == ["GET"]


async def test_heads_and_empty_answers_have_no_body(gateway, reply):
    gateway.recorder.handlers["/api/public/booking/core"] = reply(200, {"ETag": '"1"'}, {"a": 1})
    answer = await gateway.client.head("/api/public/booking/core")
    assert (answer.status_code, answer.headers["ETag"], answer.content) == (200, '"1"', b"")

    async def nothing(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    gateway.recorder.handlers["/api/public/booking/core"] = nothing
    answer = await gateway.client.delete("/api/public/booking/core")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_compressed_answers_stay_compressed(gateway):
    async def handle(_scope, _receive, send):
        headers = [(b"content-encoding", b"gzip"), (b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"\x1f\x8b\x08\x00"})

    gateway.recorder.handlers["/api/public/booking/core"] = handle
    async with gateway.client.stream("GET", "/api/public/booking/core") as answer:
        assert [chunk async for chunk in answer.aiter_raw()] == [b"\x1f\x8b\x08\x00"]


async def test_redirects_and_cookies_are_the_clients_business(gateway, reply):
    told = {"Location": "/api/elsewhere", "Set-Cookie": "session=1; Path=/"}
    gateway.recorder.handlers["/api/public/booking/core"] = reply(307, told)
    answer = await gateway.client.get("/api/public/booking/core", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/api/elsewhere")
    gateway.client.cookies.clear()
    await gateway.client.get("/api/public/booking/other")
    assert gateway.recorder.last.all("cookie") == []


async def test_connections_to_a_service_are_used_again(gateway, listen, serve, recorder):
    ports = set()

    async def app(scope, receive, send):
        ports.add(scope["client"][1])
        await recorder(scope, receive, send)

    async with listen(app) as port, serve(upstream_catalog=f"http://127.0.0.1:{port}") as own:
        for _ in range(20):
            await own.client.get("/api/public/booking/core")

    assert len(ports) == 1
