"""The servers of other makers that one stack runs on, with the ports they have this time."""

from dataclasses import dataclass
from pathlib import Path

from stack.nats_server import NatsServer
from stack.ports import free_ports
from stack.postgres import Postgres
from stack.programs import Program
from stack.rabbitmq import RabbitMQ
from stack.secret_store import Secrets


@dataclass(frozen=True)
class Servers:
    postgres: Postgres
    nats: NatsServer
    rabbitmq: RabbitMQ | None
    secrets: Secrets

    @property
    def broker_url(self) -> str:
        if self.rabbitmq is not None:
            return self.rabbitmq.url
        return self.postgres.url("mailqueue", "notifications_app").replace("postgresql", "pgmq", 1)

    def names(self) -> str:
        both = "PostgreSQL and NATS"
        return both if self.rabbitmq is None else "PostgreSQL, NATS and RabbitMQ"

    def programs(self) -> list[Program]:
        programs = [self.postgres.program(), self.nats.program()]
        if self.rabbitmq is not None:
            programs.append(self.rabbitmq.program())
        return programs


def servers_in(home: Path, *, with_rabbitmq: bool) -> Servers:
    secrets = Secrets(home / "secrets.json")
    ports = free_ports(6)
    return Servers(
        Postgres(home / "postgres", ports[0], secrets),
        NatsServer(home / "nats", ports[1], ports[2], secrets),
        RabbitMQ(home / "rabbitmq", ports[3], ports[4], ports[5], secrets)
        if with_rabbitmq
        else None,
        secrets,
    )
