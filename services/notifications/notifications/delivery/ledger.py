"""Where a message stands, written step by step from a process that sends: `queued` to `sent`.

Each step is a transaction of its own, so that a crash leaves the row telling how far it came.
Time here is PostgreSQL's: it paces retries, which no rule of the business depends on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import LockNotAvailable
from psycopg.rows import DictRow, dict_row

from notifications.mails.envelope import Letter
from notifications.mails.kinds import Kind

Connection = psycopg.Connection[DictRow]

OTHER_SENDER_MAY_TAKE_SECONDS = 10

TAKE = """
    UPDATE messages
    SET state = 'sending', attempts = attempts + 1,
        next_attempt_at = now() + make_interval(secs => %(sending_lasts_seconds)s)
    FROM (
        SELECT business_id, id, state AS was FROM messages
        WHERE business_id = %(business_id)s AND id = %(id)s FOR UPDATE
    ) AS before
    WHERE messages.business_id = before.business_id AND messages.id = before.id
      AND (was = 'sending' OR was = 'queued' AND next_attempt_at <= now())
    RETURNING kind, recipient, context, dated_at, attempts, was, receipt_number = 0 AND EXISTS (
        SELECT FROM messages AS later
        WHERE later.business_id = messages.business_id AND later.about = messages.about
          AND later.version > messages.version
          AND later.receipt_number = 0 AND later.state = 'sent'
    ) AS overtaken
"""
SENT = """
    UPDATE messages
    SET state = 'sent', sent_at = now(), next_attempt_at = NULL, failed_reason = NULL,
        subject = coalesce(%(subject)s, subject),
        context = context - %(forgotten)s::text[]
    WHERE business_id = %(business_id)s AND id = %(id)s
"""
FAILED = """
    UPDATE messages
    SET state = 'failed', next_attempt_at = NULL, failed_reason = %(reason)s,
        context = context - %(forgotten)s::text[]
    WHERE business_id = %(business_id)s AND id = %(id)s
"""
LATER = """
    UPDATE messages
    SET state = %(state)s, failed_reason = %(reason)s,
        next_attempt_at = now() + make_interval(secs => %(seconds)s)
    WHERE business_id = %(business_id)s AND id = %(id)s
"""


@dataclass(frozen=True)
class Address:
    """Which row: row-level security hides it from everyone who does not say whose it is."""

    business_id: UUID
    id: UUID


@dataclass(frozen=True)
class Taken:
    letter: Letter
    attempts: int
    maybe_sent: bool
    """It was already being sent: whoever did so may have died before or after the mail left."""
    overtaken: bool
    """A later version of what it speaks of has been told already."""


def connect(url: str) -> Connection:
    return psycopg.connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=5,
        application_name="notifications mailer",
        options="-c timezone=UTC -c lock_timeout=2s -c statement_timeout=5s",
    )


@contextmanager
def only_sender(connection: Connection, message: Address) -> Iterator[bool]:
    """Hold the message against every other process, however often the broker delivers its id.

    The lock belongs to the session: it is gone the moment this process is.
    """
    key = (str(message.id),)
    wait = f"{OTHER_SENDER_MAY_TAKE_SECONDS}s"
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (wait,))
            connection.execute("SELECT set_config('statement_timeout', '0', true)")
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", key)
    except LockNotAvailable:
        yield False
        return
    try:
        yield True
    finally:
        connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def take(connection: Connection, message: Address, sending_lasts_seconds: int) -> Taken | None:
    """Mark the message as being sent, or return None where there is nothing to send now."""
    row = step(connection, message, TAKE, sending_lasts_seconds=sending_lasts_seconds)
    if row is None:
        return None
    letter = Letter(
        id=message.id,
        kind=Kind(row["kind"]),
        recipient=row["recipient"],
        context=row["context"],
        dated_at=row["dated_at"],
    )
    maybe_sent = row["was"] == "sending"
    return Taken(letter, row["attempts"], maybe_sent, overtaken=row["overtaken"])


def sent(
    connection: Connection, message: Address, subject: str | None, forgotten: list[str]
) -> None:
    step(connection, message, SENT, subject=subject, forgotten=forgotten)


def failed(connection: Connection, message: Address, reason: str, forgotten: list[str]) -> None:
    step(connection, message, FAILED, reason=reason, forgotten=forgotten)


def later(
    connection: Connection, message: Address, reason: str, seconds: float, *, maybe_sent: bool
) -> None:
    state = "sending" if maybe_sent else "queued"
    step(connection, message, LATER, state=state, reason=reason, seconds=seconds)


def step(connection: Connection, message: Address, statement: str, **values: Any) -> DictRow | None:
    with connection.transaction():
        connection.execute(
            "SELECT set_config('app.business_id', %s, true)", (str(message.business_id),)
        )
        named = {"business_id": message.business_id, "id": message.id, **values}
        cursor = connection.execute(statement, named)
        return cursor.fetchone() if cursor.description else None
