"""Words that name one person, and every place of a running stack where they could be found."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import nats
import psycopg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, StreamInfo
from psycopg import sql

from stack.testing import RunningStack

READ_AT_ONCE = 500
STREAMED_DAYS = 14
"""So long may streams say what was so: decision 29."""
TABLES = """
    SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'm', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema')
      AND nspname NOT LIKE 'pg\\_t%'
    ORDER BY 1, 2
"""
DATABASES = "SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1"
NOT_OURS = {"postgres", "mailbox", "checkouts", "nats"}
"""Folders: data of servers that are asked themselves, the client's own mailbox, and the payment
provider, who has books of its own."""


@dataclass(frozen=True)
class Canary:
    word: str = field(default_factory=lambda: f"zq{uuid4().hex[:10]}")
    digits: str = field(default_factory=lambda: f"{uuid4().int % 10**8:08}")
    """Of the telephone number, which is written in other ways than it was told."""

    @property
    def name(self) -> str:
        return f"Carla {self.word}"

    @property
    def email(self) -> str:
        return f"{self.word}@example.com"

    @property
    def phone(self) -> str:
        return f"+49151{self.digits}"

    def is_in(self, text: str) -> bool:
        """Also where bytes are written as hexadecimal digits, as PostgreSQL does."""
        searched = text.casefold()
        plain = (self.word, self.digits)
        return any(one in searched or one.encode().hex() in searched for one in plain)


def places_in_databases(stack: RunningStack, canary: Canary) -> list[str]:
    """Every table of every database there is, whoever it belongs to."""
    found = []
    with connect(stack, "postgres") as server:
        databases = [name for (name,) in server.execute(DATABASES)]
    assert {*stack.facts["database_urls"], "postgres"} <= set(databases)
    for database in databases:
        with connect(stack, database) as connection:
            for schema, table in connection.execute(TABLES).fetchall():
                found += [
                    f"{database}: {schema}.{table}: {row[:300]}"
                    for row in rows_of(connection, schema, table)
                    if canary.is_in(row)
                ]
    return found


def rows_of(connection: psycopg.Connection, schema: str, table: str) -> Iterator[str]:
    everything = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(schema, table))
    return (row for (row,) in connection.execute(everything))


def connect(stack: RunningStack, database: str) -> psycopg.Connection:
    """As the one who may read everything, behind every wall."""
    password = quote(json.loads((stack.home / "secrets.json").read_text())["postgres"], safe="")
    port = stack.facts["ports"]["postgres"]
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/{database}"
    return psycopg.connect(url, autocommit=True)


@dataclass(frozen=True)
class Streamed:
    name: str
    forgets_after_days: float | None
    """None: never by itself."""
    names_canary: bool


async def streams_and_buckets(stack: RunningStack, canary: Canary) -> list[Streamed]:
    connection = await nats.connect(stack.facts["nats_url"])
    try:
        jetstream = connection.jetstream()
        return [await look_into(jetstream, one, canary) for one in await jetstream.streams_info()]
    finally:
        await connection.close()


async def look_into(jetstream: JetStreamContext, info: StreamInfo, canary: Canary) -> Streamed:
    config = info.config
    days = config.max_age / 24 / 3600 if config.max_age else None
    unanswered = ConsumerConfig(ack_policy=AckPolicy.NONE, mem_storage=True)
    reader = await jetstream.pull_subscribe(">", stream=config.name, config=unanswered)
    named = False
    while left := (await reader.consumer_info()).num_pending:
        for message in await reader.fetch(min(left, READ_AT_ONCE), timeout=5):
            said = f"{message.subject} {message.headers} {message.data.decode(errors='replace')}"
            named = named or canary.is_in(said)
    await reader.unsubscribe()
    return Streamed(str(config.name), days, named)


def places_in_files(stack: RunningStack, canary: Canary) -> list[str]:
    """Logs, and what the mail broker keeps."""
    folders = [path for path in stack.home.iterdir() if path.name not in NOT_OURS]
    files = [
        file for folder in folders for file in ([folder] if folder.is_file() else files_in(folder))
    ]
    found = []
    for file in files:
        lines = file.read_bytes().decode(errors="replace").splitlines()
        found += [f"{file.name}: {line[:400]}" for line in lines if canary.is_in(line)]
    return found


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
