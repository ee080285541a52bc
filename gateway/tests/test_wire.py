"""One connection to a service, without anything around it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.wire import Connection

QUESTION = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
FLOWING = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


async def count(reader, writer):
    """Answers the first question with 01, the next with 02."""
    try:
        for number in range(1, 100):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n%02d" % number)
    except asyncio.IncompleteReadError:
        writer.close()


async def read_nothing(_reader, writer):
    writer.transport.pause_reading()
    await asyncio.sleep(60)


@pytest.fixture
async def connect() -> AsyncIterator:
    servers, connections = [], []

    async def connected(handle):
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, "127.0.0.1", port
        )
        connection.kept = []
        servers.append(server)
        connections.append(connection)
        return connection

    yield connected
    for connection in connections:
        connection.abort()
    for server in servers:
        server.close()


async def test_closing_an_answer_twice_gives_the_connection_away_once(connect):
    connection = await connect(count)
    first = connection.ask("GET", QUESTION, None, 2)
    assert await first.read() == b"01"
    first.close()
    assert connection.kept == [connection]
    connection.kept.pop()
    second = connection.ask("GET", QUESTION, None, 2)
    first.close()
    assert connection.kept == []
    assert await second.read() == b"02"


async def test_a_connection_whose_answer_was_not_read_is_not_used_again(connect):
    connection = await connect(count)
    answer = connection.ask("GET", QUESTION, None, 2)
    await answer.head()
    answer.close()
    assert connection.kept == []
    assert not connection.is_open


async def test_a_service_that_takes_no_more_of_a_body_is_silent(connect):
    async def much():
        for _ in range(1000):
            yield b"x" * 65536

    connection = await connect(read_nothing)
    answer = connection.ask("POST", FLOWING, much(), 0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5) as patience:
            await answer.head()
    assert not patience.expired()
    assert not connection.is_open


async def test_a_slow_sender_is_waited_for(connect):
    async def slow():
        for _ in range(4):
            await asyncio.sleep(0.2)
            yield b"x"

    connection = await connect(count)
    answer = connection.ask("POST", FLOWING, slow(), 0.1)
    assert await answer.read() == b"01"
