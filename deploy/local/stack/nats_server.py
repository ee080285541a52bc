"""NATS with JetStream from a wheel, for one machine."""

import http.client
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from stack.ports import free_ports
from stack.processes import running
from stack.programs import Program
from stack.secret_store import Secrets


@dataclass(frozen=True)
class NatsServer:
    data: Path
    port: int
    monitoring_port: int
    secrets: Secrets
    durable: bool = True

    @property
    def url(self) -> str:
        return f"nats://{quote(self.secrets['nats'], safe='')}@127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.monitoring_port, timeout=2)
            connection.request("GET", "/healthz?js-enabled-only=true")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False

    def program(self) -> Program:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = self.data / "nats.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        return Program(
            name="nats",
            command=(_binary(), "--config", str(configuration)),
            environment={"GOMEMLIMIT": "96MiB"},
            is_ready=self.is_ready,
        )

    def _configuration(self) -> str:
        # One node is all there is, so an acknowledged message must already be on its disk.
        sync_interval = "always" if self.durable else "2m"
        return f"""\
server_name: bookly
listen: 127.0.0.1:{self.port}
http: 127.0.0.1:{self.monitoring_port}
authorization {{ token: {json.dumps(self.secrets["nats"])} }}
jetstream {{
  store_dir: {json.dumps(str(self.data))}
  sync_interval: {sync_interval}
  max_memory_store: 64MB
  max_file_store: 10GB
}}
"""


def _binary() -> str:
    beside_python = Path(sys.executable).with_name("nats-server")
    found = str(beside_python) if beside_python.exists() else shutil.which("nats-server")
    if found is None:
        raise FileNotFoundError("nats-server is not installed: run deploy/local/bootstrap.")
    return found


@contextmanager
def nats_server(
    data: Path, *, durable: bool = True, secrets: Secrets | None = None
) -> Iterator[NatsServer]:
    """A running server; the log is beside its data."""
    port, monitoring_port = free_ports(2)
    server = NatsServer(data, port, monitoring_port, secrets or Secrets(), durable)
    with running(server.program(), data.parent / "nats.log"):
        yield server
