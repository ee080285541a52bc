"""A queue of mails, as after a broker was away: how fast it drains into the local mailbox."""

import json
import time
from uuid import uuid4

import psycopg

from notifications.mails.samples import Sample, samples
from tests.bench.report import Report, at_least
from tests.bench.whole_stack import WholeStack

MAILS = 10_000
BUSINESSES = 40
PATIENCE_SECONDS = 600
QUEUED = """
INSERT INTO messages (business_id, kind, about, version, recipient, context, headers, dated_at)
VALUES (%s, %s, gen_random_uuid(), 1, %s, %s, '{"traceparent": "00-0-0-00"}', now())
"""
UNDERWAY = "SELECT count(*) FROM messages WHERE state IN ('queued', 'sending')"
SENT = "SELECT count(*) FROM messages WHERE state = 'sent'"


def test_mails(whole: WholeStack, report: Report) -> None:
    """From the last row's commit to the last row's `sent`; the mailbox keeps each on its disk."""
    with whole.connect("notifications") as database:
        before = counted(database, SENT)
        queue(database)
        begun = time.perf_counter()
        wait_until_sent(database)
        seconds = time.perf_counter() - begun
        assert counted(database, SENT) - before == MAILS
    broker = "RabbitMQ" if whole.running.facts["broker_url"].startswith("amqp") else "PGMQ"
    report.keep(
        f"{MAILS:,} queued mails with invitations, drained through {broker}",
        MAILS / seconds,
        at_least(100, "mails/s"),
        ours=f"{seconds:,.0f} s",
        other="local mailbox, each mail synced",
    )


def queue(database: psycopg.Connection) -> None:
    """All at once, so that nothing is sent before all are there."""
    businesses = [uuid4() for _ in range(BUSINESSES)]
    kinds = [sample for sample in samples() if sample.kind.topic is None]
    rows = [row(kinds[n % len(kinds)], businesses[n % BUSINESSES], n) for n in range(MAILS)]
    with database.transaction(), database.cursor() as cursor:
        cursor.executemany(QUEUED, rows)


def row(sample: Sample, business_id: object, number: int) -> tuple[object, ...]:
    letter = sample.letter(("en-GB", "de-DE", "es-ES")[number % 3])
    # Nothing that a mail speaks of may be over when its turn comes.
    context = json.dumps(letter.context).replace("2026-1", "2096-1")
    return (business_id, sample.kind.value, f"reader{number}@example.com", context)


def wait_until_sent(database: psycopg.Connection) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := counted(database, UNDERWAY):
        assert time.monotonic() < deadline, f"{left} mails are still underway"
        time.sleep(0.2)


def counted(database: psycopg.Connection, query: str) -> int:
    found = database.execute(query.encode()).fetchone()
    assert found is not None
    return int(found[0])
