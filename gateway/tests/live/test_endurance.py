"""Slow readers, readers who leave, and a server that stops."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack

import nats
import pytest

from chassis.testing import eventually, publish
from gateway.live import source
from stack.nats_server import NatsServer
from stack.ports import free_ports
from stack.processes import running
from stack.secret_store import Secrets

TICKETS = "/api/calendar/live/tickets"

MANY = 2000
LONG = "x" * 20_000


async def test_a_reader_who_does_not_read_costs_little_and_reads_again(
    serve, recorder, watch, changed, signer, business, nats_url
):
    async with serve() as gateway:
        reader, writer = await half_asleep(gateway, signer.bearer(business))
        connection = await nats.connect(nats_url)
        jetstream = connection.jetstream()
        for n in range(MANY):
            event = changed(business, title=LONG, version=n + 1)
            await jetstream.publish(event.address, event.model_dump_json().encode())
        body = (await read_for_a_while(reader)).decode()
        # Of 40 MB, what fits into the line and into the sockets of both ends.
        assert len(body) < 20_000_000
        assert "event: resync" in body
        assert f'"version":{MANY}' not in body
        last = changed(business, title="last")
        await jetstream.publish(last.address, last.model_dump_json().encode())
        await asyncio.wait_for(reader.readuntil(b'"title":"last"'), 20)
        writer.close()
        await connection.close()


async def half_asleep(gateway, bearer):
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    own.setblocking(False)
    await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", gateway.port))
    reader, writer = await asyncio.open_connection(sock=own, limit=4096)
    token = bearer["Authorization"]
    head = f"GET /api/calendar/live HTTP/1.1\r\nHost: bookly\r\nAuthorization: {token}\r\n\r\n"
    writer.write(head.encode())
    await reader.readuntil(b"event: snapshot")
    return reader, writer


async def read_for_a_while(reader):
    """Until it is told to read again, and then nothing has come for a second."""
    found = bytearray()
    while True:
        try:
            found += await asyncio.wait_for(reader.read(1_000_000), 1)
        except TimeoutError:
            if b"event: resync" in found:
                return found


async def test_a_reader_who_leaves_leaves_nothing_behind(serve, recorder, watch, signer, business):
    async with serve() as gateway:
        streams = gateway.app.state.streams
        async with watch(gateway, signer.bearer(business)) as frames:
            await frames.next()
            assert len(streams._streams) == 1

        async def forgotten():
            return not (streams._streams or streams.fan_out._listeners or streams._leases._held)

        await eventually(forgotten)


async def test_streams_are_told_to_read_again_when_the_live_stream_was_made_anew(
    serve, recorder, watch, tell, changed, signer, business, nats_url
):
    async with serve() as gateway, watch(gateway, signer.bearer(business)) as frames:
        await frames.next()
        connection = await nats.connect(nats_url)
        await connection.jetstream().delete_stream("live")
        await connection.close()
        assert (await frames.next()).event == "resync"


async def test_a_stream_that_was_being_opened_when_the_gateway_stopped_ends_too(
    serve, recorder, watch, signer, business
):
    async with serve() as gateway, watch(gateway, signer.bearer(business)) as frames:
        streams = gateway.app.state.streams
        late, streams._streams = streams._streams, set()
        streams.close()
        streams._streams = late
        assert [frame.event for frame in await frames.end()] == ["snapshot"]


async def test_a_newer_version_reads_its_own_sources_and_ids_go_on(
    serve, recorder, watch, signer, business, nats_url
):
    async with serve() as gateway:
        async with watch(gateway, signer.bearer(business)) as frames:
            await frames.next()
        connection = await nats.connect(nats_url)
        jetstream = connection.jetstream()
        newer = (await jetstream.stream_info("live")).config
        older = newer.evolve(sources=[one for one in newer.sources if one.name != "pilates"])
        await jetstream.update_stream(older)
        await source.ensure_live_stream(gateway.app.state.runtime)
        now = (await jetstream.stream_info("live")).config
        assert source.filters_of(now.sources) == source.filters_of(newer.sources)
        assert now.metadata["made"] == newer.metadata["made"]
        updated = (await jetstream.stream_info("live")).config
        await source.ensure_live_stream(gateway.app.state.runtime)
        assert (await jetstream.stream_info("live")).config == updated
        await connection.close()


async def test_a_renewal_whose_answer_was_lost_ends_no_stream_and_a_strangers_does(
    serve, recorder, watch, signer, business, nats_url
):
    async with serve() as gateway, watch(gateway, signer.bearer(business)) as frames:
        await frames.next()
        leases = gateway.app.state.streams._leases
        [lease] = leases._held.values()
        connection = await nats.connect(nats_url)
        bucket = await connection.jetstream().key_value("stream-leases")
        for _ in range(2):
            await bucket.update(lease.key, lease.mark, lease.revision)
            await leases._renew(lease)
            assert not lease.is_lost
        await bucket.put(lease.key, b"another")
        await leases._renew(lease)
        assert lease.is_lost
        await frames.end()
        await connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_open_streams_do_not_hold_up_the_end(
    watch, signer, business, nats_url, number, free_port
):
    told = {
        "BOOKLY_PORT": str(free_port),
        "BOOKLY_NATS_URL": nats_url,
        "BOOKLY_PUBLIC_KEYS": str(signer.public_keys),
        **{
            f"BOOKLY_UPSTREAM_{name}": "http://127.0.0.1:1"
            for name in ("CATALOG", "SCHEDULING", "PILATES", "PORTAL", "NOTIFICATIONS")
        },
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.main", env={**os.environ, **told}
    )
    reader, writer = await eventually(lambda: connected_to(free_port), within_seconds=30)
    head = "GET /api/calendar/live HTTP/1.1\r\nHost: bookly\r\nAuthorization: "
    writer.write(f"{head}{signer.bearer(business)['Authorization']}\r\n\r\n".encode())
    await asyncio.wait_for(reader.readuntil(b"event: snapshot"), 10)
    process.send_signal(number)
    # A stream that is left to itself is cut off after ten seconds, without an end.
    assert (await asyncio.wait_for(reader.read(), 8)).endswith(b"0\r\n\r\n")
    await asyncio.wait_for(process.wait(), 8)
    writer.close()


async def connected_to(port):
    try:
        return await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return None


@pytest.fixture
def free_port():
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


async def test_a_restart_of_nats_loses_nothing_that_was_committed(
    serve, recorder, watch, changed, signer, business, tmp_path
):
    server = NatsServer(tmp_path / "data", *free_ports(2), Secrets(), durable=False)
    bearer = signer.bearer(business)
    async with serve(nats_url=server.url) as gateway, AsyncExitStack() as stack:
        with running(server.program(), tmp_path / "nats.log"):
            frames = await stack.enter_async_context(watch(gateway, bearer))
            await frames.next()
            await publish(server.url, changed(business, title="before"))
            assert (await frames.next()).data["title"] == "before"
        with running(server.program(), tmp_path / "nats.log"):
            await publish(server.url, changed(business, title="after"))
            assert (await frames.next()).data["title"] == "after"
            answer = await gateway.client.post(TICKETS, headers=bearer)
            async with watch(gateway, ticket=answer.json()["ticket"]) as another:
                assert (await another.next()).event == "snapshot"
