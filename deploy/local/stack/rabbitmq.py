"""A private RabbitMQ node from Debian's package, if that is installed."""

import os
import shlex
import signal
import socket
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

# Not the wrapper in /usr/sbin, which switches to another user and to the machine's own node.
_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_NAME_SERVER = Path("/usr/bin/epmd")


def is_installed() -> bool:
    return _SERVER.exists() and _NAME_SERVER.exists()


@dataclass(frozen=True)
class RabbitMQ:
    data: Path
    port: int
    node_port: int
    epmd_port: int
    secrets: Secrets

    @property
    def url(self) -> str:
        return f"amqp://bookly:{quote(self.secrets['rabbitmq'], safe='')}@127.0.0.1:{self.port}//"

    def is_ready(self) -> bool:
        """The server greets with its side of the protocol only when it has booted."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def program(self) -> Program:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = self.data / "rabbitmq.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        (self.data / "enabled_plugins").write_text("[].\n")
        return Program(
            name="rabbitmq",
            command=("/bin/sh", "-c", self._with_its_own_name_server()),
            environment=self._environment(configuration),
            stop_signal=signal.SIGTERM,
            death_signal=signal.SIGTERM,
            grace_seconds=15,
            is_ready=self.is_ready,
        )

    def _with_its_own_name_server(self) -> str:
        """Otherwise Erlang leaves a daemon behind; this one dies with the node."""
        launch = Path(__file__).with_name("launch.py")
        name_server = [sys.executable, "-I", "-S", str(launch)]
        quoted = " ".join(shlex.quote(word) for word in name_server)
        return f"{quoted} $$ 9 same {_NAME_SERVER} & exec {_SERVER}"

    def _configuration(self) -> str:
        return f"""\
listeners.tcp.1 = 127.0.0.1:{self.port}
default_user = bookly
default_pass = {self.secrets["rabbitmq"]}
default_vhost = /
disk_free_limit.absolute = 64MB
log.console = true
log.console.level = error
log.file = false
"""

    def _environment(self, configuration: Path) -> dict[str, str]:
        # One scheduler and no busy waiting: it carries a few mails, on a machine with other work.
        emulator = (
            "+S 1:1 +SDcpu 1:1 +P 65536 +Q 65536 +SDio 1 +A 1"
            " +sbwt none +sbwtdcpu none +sbwtdio none"
            " -kernel inet_dist_use_interface {127,0,0,1}"
        )
        return {
            "PATH": os.defpath,
            "HOME": str(self.data),
            "LANG": "C.UTF-8",
            "ERL_CRASH_DUMP_BYTES": "0",
            "RABBITMQ_NODENAME": "bookly@localhost",
            "RABBITMQ_CONFIG_FILE": str(configuration),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_MNESIA_BASE": str(self.data / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.data / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data / "enabled_plugins"),
            "RABBITMQ_DIST_PORT": str(self.node_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": emulator,
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Its script then becomes the server instead of watching over it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }


@contextmanager
def rabbitmq(data: Path, *, secrets: Secrets | None = None) -> Iterator[RabbitMQ]:
    """A running server; the log is beside its data."""
    port, node_port, epmd_port = free_ports(3)
    server = RabbitMQ(data, port, node_port, epmd_port, secrets or Secrets())
    with running(server.program(), data.parent / "rabbitmq.log"):
        yield server
