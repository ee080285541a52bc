"""The gateway on a real socket, in front of one recorder that plays every service."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.settings import ServiceSettings
from gateway.main import create
from gateway.settings import GatewaySettings
from stack.signer import Signer

logging.getLogger("uvicorn").setLevel(logging.CRITICAL)

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Seen:
    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found == name]


@dataclass
class Recorder:
    """Remembers what arrives; answers 200 unless a handler was set for the path."""

    seen: list[Seen] = field(default_factory=list)
    handlers: dict[str, Handler] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if handler := self.handlers.get(scope["path"]):
            await handler(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        path, query = scope["raw_path"].decode(), scope["query_string"].decode()
        self.seen.append(Seen(scope["method"], path, query, headers, body))
        await answers(json_body={"arrived": path})(scope, receive, send)

    @property
    def last(self) -> Seen:
        return self.seen[-1]


def answers(
    status: int = 200, headers: dict[str, str] | None = None, json_body: Any = None
) -> Handler:
    content = json.dumps(json_body).encode()
    told = {"content-length": str(len(content))} | (headers or {})

    async def handle(_scope: Scope, _receive: Receive, send: Send) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in told.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    return handle


class QuietServer(uvicorn.Server):
    """Leaves the signals to pytest."""

    def install_signal_handlers(self) -> None: ...

    async def stop(self, serving: asyncio.Task[None]) -> None:
        self.should_exit = True
        await serving


@asynccontextmanager
async def listening(app: ASGIApp, port: int = 0) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    server = QuietServer(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.005)
        assert not serving.done(), "It did not start"
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.stop(serving)


Listen = Callable[..., AbstractAsyncContextManager[int]]


@pytest.fixture(scope="session")
def listen() -> Listen:
    return listening


@pytest.fixture(scope="session")
def reply() -> Callable[..., Handler]:
    return answers


@dataclass
class Served:
    app: FastAPI
    port: int
    client: httpx2.AsyncClient
    recorder: Recorder

    async def raw(self, request: bytes) -> bytes:
        """What a client sends that no library would send."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        async with asyncio.timeout(20):
            answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return answer


Serve = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture(scope="session")
def serve(signer: Signer, nats_url: str, upstream_port: int, recorder_of_run: Recorder) -> Serve:
    """A gateway of its own, with other settings."""

    @asynccontextmanager
    async def serving(**changed: Any) -> AsyncIterator[Served]:
        upstream = f"http://127.0.0.1:{upstream_port}"
        services = ("catalog", "scheduling", "pilates", "portal", "notifications")
        told = {f"upstream_{name}": upstream for name in services}
        told |= {"nats_url": nats_url, "public_keys": signer.public_keys}
        told |= dict.fromkeys(
            ("limit_per_address", "limit_per_principal", "limit_per_business", "limit_sign_in"),
            "60000/minute",
        )
        app = create(GatewaySettings(**(told | changed)))
        async with (
            listening(app) as port,
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client,
        ):
            yield Served(app, port, client, recorder_of_run)

    return serving


@pytest.fixture(scope="session")
def recorder_of_run() -> Recorder:
    return Recorder()


@pytest.fixture(scope="session")
async def upstream_port(recorder_of_run: Recorder) -> AsyncIterator[int]:
    async with listening(recorder_of_run) as port:
        yield port


@pytest.fixture
def recorder(recorder_of_run: Recorder) -> Iterator[Recorder]:
    recorder_of_run.seen.clear()
    recorder_of_run.handlers.clear()
    return recorder_of_run


@pytest.fixture(scope="session")
async def gateway_of_run(serve: Serve) -> AsyncIterator[Served]:
    async with serve() as served:
        yield served


@pytest.fixture
def gateway(gateway_of_run: Served, recorder: Recorder) -> Served:
    return gateway_of_run


@pytest.fixture
def business() -> UUID:
    return uuid4()


@pytest.fixture(scope="session")
def documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI documents of the real services."""
    found = {}
    for name in ("catalog", "scheduling", "pilates", "portal", "notifications"):
        settings = settings_of(name).model_construct(service=name, otlp_endpoint=None)
        found[name] = import_module(f"{name}.main").create(settings).openapi()
    return found


def settings_of(service: str) -> type[ServiceSettings]:
    [own] = [
        value
        for value in vars(import_module(f"{service}.settings")).values()
        if isinstance(value, type)
        and issubclass(value, ServiceSettings)
        and value.__module__ != ServiceSettings.__module__
    ]
    return own
