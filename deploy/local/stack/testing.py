"""A whole stack of its own for a test, started and stopped as a person would."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.migrate import migrate
from stack.databases import create_databases
from stack.nats_server import nats_server
from stack.ports import free_ports
from stack.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Each `conftest.py` that imports it has a server of its own.

    Else a service under test would first hear all that the tests of another one have published.
    """
    with nats_server(tmp_path_factory.mktemp("nats") / "data", durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Each `conftest.py` that imports it, with `migrated`, has a server of its own.

    So that where one service stands beside another in a test, neither meets the workers and rows of
    that other one's own tests.
    """
    with postgres(tmp_path_factory.mktemp("postgres") / "data", durable=False) as server:
        create_databases(server)
        yield server


@pytest.fixture(scope="session")
def migrated(database_server: Postgres) -> Callable[[str], str]:
    """Migrates a service's database on first use; answers with the app role's URL."""
    done: set[str] = set()

    def url_of(service: str) -> str:
        if service not in done:
            migrate(service, database_server.url(service, f"{service}_owner"))
            done.add(service)
        return database_server.url(service, f"{service}_app")

    return url_of


class StackFailed(AssertionError):
    pass


@dataclass(frozen=True)
class RunningStack:
    home: Path
    supervisor: subprocess.Popen[bytes]
    facts: Mapping[str, Any]
    """What ready.json says: `ports`, `database_urls`, `nats_url`, `broker_url`."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.facts['ports']['gateway']}"

    def pid(self, name: str) -> int:
        """Of the process as it is now; another one after a restart."""
        return int((self.home / "pids" / f"{name}.pid").read_text())

    def log(self, name: str) -> str:
        return (self.home / "logs" / f"{name}.log").read_text(errors="replace")


@contextmanager
def running_stack(
    home: Path,
    *,
    port: int | None = None,
    demo: bool = False,
    environment: Mapping[str, str] | None = None,
    within_seconds: float = 180,
) -> Iterator[RunningStack]:
    port = port or free_ports(1)[0]
    told = {"BOOKLY_HOME": str(home), "PORT": str(port), "DEMO": "1" if demo else "0"}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "terminal.txt").open("ab") as terminal:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "stack", "run"],
            env={**os.environ, **told, **(environment or {})},
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield RunningStack(home, supervisor, _facts(home, supervisor, within_seconds))
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(timeout=60)


def _facts(home: Path, supervisor: subprocess.Popen[bytes], within_seconds: float) -> Any:
    deadline = time.monotonic() + within_seconds
    ready = home / "ready.json"
    while supervisor.poll() is None and time.monotonic() < deadline:
        if ready.exists():
            facts = json.loads(ready.read_text())
            if facts["pid"] == supervisor.pid:
                return facts
        time.sleep(0.02)
    raise StackFailed((home / "terminal.txt").read_text(errors="replace"))
