"""PostgreSQL from a wheel, for one machine: scram passwords, 127.0.0.1 only, no Unix socket."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from stack import unprivileged_postgres
from stack.identities import launch_prefix, unprivileged_identity
from stack.ports import free_ports
from stack.processes import DidNotStart, running
from stack.programs import Identity, Program
from stack.secret_store import Secrets

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "48MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_size": "256MB",
    "min_wal_size": "80MB",
    "max_worker_processes": "4",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "log_line_prefix": "%m %d %u %a ",
    "cluster_name": "bookly",
}
# A crash of the machine may lose everything; nobody minds where the data is thrown away anyway.
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    data: Path
    port: int
    secrets: Secrets
    durable: bool = True
    identity: Identity = field(default_factory=unprivileged_identity)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        password = quote(self.secrets[user], safe="")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", user: str = "postgres") -> psycopg.Connection:
        """Autocommit: what is done here cannot be done inside a transaction."""
        return psycopg.connect(self.url(database, user), autocommit=True, connect_timeout=5)

    def is_ready(self) -> bool:
        try:
            with self.connect():
                return True
        except psycopg.OperationalError as refused:
            if "password authentication failed" in str(refused):
                raise PermissionError(
                    f"{self.data} was made with other passwords than those at hand."
                ) from refused
            return False

    def program(self) -> Program:
        """Creates the cluster when there is none yet."""
        binaries, data = unprivileged_postgres.places(self.identity, self.data)
        if not (data / "PG_VERSION").exists():
            self._initialise(binaries, data)
        settings = _SETTINGS | ({} if self.durable else _THROWAWAY) | {"port": str(self.port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(binaries / "postgres"), "-D", str(data), *options),
            environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            identity=self.identity,
            # Fast shutdown; SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            grace_seconds=20,
            is_ready=self.is_ready,
        )

    def _initialise(self, binaries: Path, data: Path) -> None:
        unprivileged_postgres.empty(self.identity, data)
        with tempfile.NamedTemporaryFile("w", prefix="bookly-") as password:
            password.write(self.secrets["postgres"])
            password.flush()
            unprivileged_postgres.hand_over(self.identity, Path(password.name))
            command = [
                *launch_prefix(self.identity, signal.SIGKILL),
                *(str(binaries / "initdb"), "--pgdata", str(data), "--username", "postgres"),
                *("--pwfile", password.name, "--auth", "scram-sha-256", "--encoding", "UTF8"),
                *("--locale", "C.UTF-8", "--no-instructions"),
                *(() if self.durable else ("--no-sync",)),
            ]
            environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
            made = subprocess.run(command, env=environment, capture_output=True, check=False)
        if made.returncode != 0:
            reason = made.stderr.decode(errors="replace").strip()
            raise DidNotStart(f"initdb could not create {data}:\n{reason}")


@contextmanager
def postgres(
    data: Path, *, durable: bool = True, port: int | None = None, secrets: Secrets | None = None
) -> Iterator[Postgres]:
    """A running server; the log is beside its data."""
    server = Postgres(data, port or free_ports(1)[0], secrets or Secrets(), durable)
    with running(server.program(), data.parent / "postgres.log"):
        yield server
