"""Every process of ours, and what its environment tells it."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from stack.databases import SERVICES
from stack.ports import free_ports
from stack.probes import says_ready
from stack.programs import Program
from stack.servers import Servers
from stack.settings import Settings

_HTTP = (
    *itertools.chain.from_iterable((service, f"{service}-worker") for service in SERVICES),
    "mailbox",
)
MODULES = (
    *itertools.chain.from_iterable((f"{name}.main", f"{name}.worker") for name in SERVICES),
    "stack.keys",
    "notifications.mailer",
    "gateway.main",
    "stack.mailbox",
    "stack.demo",
    "chassis.__main__",
)
IMPORTED_ANYWAY = (
    # What those import only when they run, so that it is imported once as well.
    *("uvloop", "uvicorn.loops.uvloop", "uvicorn.lifespan.on", "uvicorn.protocols.websockets.auto"),
    *("uvicorn.protocols.http.httptools_impl", "anyio._backends._asyncio"),
    *("celery.apps.worker", "celery.worker.components", "celery.fixups.django"),
    *("celery.concurrency.prefork", "kombu.transport.pyamqp"),
)


MAILS_GIVE_WAY = 5
"""Somebody waits for each answer, and nobody for the second in which a mail is written."""

_LIMITS = dict.fromkeys(
    # One machine is one address, and what is tried out on it is often a crowd.
    ("LIMIT_PER_ADDRESS", "LIMIT_PER_PRINCIPAL", "LIMIT_PER_BUSINESS", "LIMIT_SIGN_IN"),
    "60000/minute",
)


def _ports() -> dict[str, int]:
    names = (*_HTTP, "smtp")
    return dict(zip(names, free_ports(len(names)), strict=True))


@dataclass(frozen=True)
class Ours:
    settings: Settings
    servers: Servers
    ports: Mapping[str, int] = field(default_factory=_ports)
    """Chosen once, so that a process that is restarted is found where it was."""

    def keys(self) -> Program:
        return Program(
            name="keys",
            module="stack.keys",
            arguments=(str(self._signing_key), str(self._public_keys)),
            environment=self._environment(),
        )

    def migrations(self) -> list[Program]:
        return [
            Program(
                name=f"{service}-migrate",
                module="chassis.__main__",
                arguments=("migrate", service),
                environment=self._environment(
                    OWNER_DATABASE_URL=self.database_url(service, "owner")
                ),
            )
            for service in SERVICES
        ]

    def services(self) -> list[Program]:
        main = [self._serving(name, f"{name}.main", self._of(name)) for name in SERVICES]
        workers = [self._worker(name) for name in SERVICES]
        mailer = Program(
            name="notifications-mailer",
            module="notifications.mailer",
            environment=self._environment(**self._of("notifications")),
            grace_seconds=15,
            gives_way=MAILS_GIVE_WAY,
        )
        mailbox = self._serving("mailbox", "stack.mailbox", self._smtp() | self._sandbox())
        return [*main, *workers, mailer, mailbox]

    def gateway(self) -> Program:
        upstreams = {f"UPSTREAM_{name.upper()}": self._url(name) for name in SERVICES}
        environment = self._environment(
            PORT=str(self.settings.port), MAILBOX_URL=self._url("mailbox"), **upstreams, **_LIMITS
        )
        return Program(
            name="gateway",
            module="gateway.main",
            environment=environment,
            is_ready=says_ready(self.settings.port),
        )

    def demo(self, started: float) -> Program:
        environment = self._environment(STARTED=str(started))
        return Program(name="demo", module="stack.demo", environment=environment, on_terminal=True)

    def database_url(self, service: str, role: str) -> str:
        return self.servers.postgres.url(service, f"{service}_{role}")

    def _worker(self, service: str) -> Program:
        worker = self._serving(f"{service}-worker", f"{service}.worker", self._of(service))
        if service != "notifications":
            return worker
        return replace(worker, gives_way=MAILS_GIVE_WAY)

    def _serving(self, name: str, module: str, told: Mapping[str, str]) -> Program:
        port = self.ports[name]
        environment = self._environment(PORT=str(port), **told)
        return Program(name=name, module=module, environment=environment, is_ready=says_ready(port))

    @property
    def _signing_key(self) -> Path:
        return self.settings.home / "signing-key.json"

    @property
    def _public_keys(self) -> Path:
        return self.settings.home / "jwks.json"

    def _of(self, service: str) -> dict[str, str]:
        told = {"DATABASE_URL": self.database_url(service, "app")}
        if service == "catalog":
            told["SIGNING_KEY"] = str(self._signing_key)
        if service in ("scheduling", "pilates"):
            told |= self._sandbox() | {"SANDBOX_URL": self._url("mailbox")}
        if service in ("portal", "notifications"):
            told["LINK_SECRET"] = self.servers.secrets["links"]
        if service == "notifications":
            told |= self._smtp()
            told |= {"BROKER_URL": self.servers.broker_url, "SINK_URL": self._url("mailbox")}
        return told

    def _smtp(self) -> dict[str, str]:
        return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.ports["smtp"])}

    def _sandbox(self) -> dict[str, str]:
        return {"SANDBOX_SECRET": self.servers.secrets["sandbox"]}

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def _environment(self, **told: str) -> dict[str, str]:
        told = {
            "HOST": "127.0.0.1",
            "HOME": str(self.settings.home),
            "EMBEDDED": "1",
            "PUBLIC_URL": self.settings.url,
            "PUBLIC_KEYS": str(self._public_keys),
            "NATS_URL": self.servers.nats.url,
        } | told
        return {
            **self.settings.environment,
            **{f"BOOKLY_{name}": value for name, value in told.items()},
        }
