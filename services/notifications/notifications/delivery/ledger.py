"""Where a message stands, written step by step from a process that sends: `queued` to `sent`.

Each step is a transaction of its own, so that a crash leaves the row telling how far it came.
Time here is PostgreSQL's: it paces retries, which no rule of the business depends on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import LockNotAvailable
from psycopg.rows import DictRow, dict_row

from notifications.mail_settings.models import DEFAULTS
from notifications.mails.envelope import Letter
from notifications.mails.kinds import Kind
from notifications.messages.line import ITS_TURN, LINE
from notifications.reminders.quiet_hours import Night, QuietHours

Connection = psycopg.Connection[DictRow]

OTHER_SENDER_MAY_TAKE_SECONDS = 10
LOCK = f"""
    SELECT line, pg_advisory_lock(line)
    FROM (SELECT {LINE} AS line FROM messages WHERE business_id = %s AND id = %s) AS its
"""  # noqa: S608  Our own words.
TAKE = f"""
    UPDATE messages
    SET state = 'sending', attempts = attempts + 1,
        next_attempt_at = now() + make_interval(secs => %(sending_lasts_seconds)s)
    FROM (
        SELECT business_id, id, state AS was FROM messages
        WHERE business_id = %(business_id)s AND id = %(id)s FOR UPDATE
    ) AS before
    WHERE messages.business_id = before.business_id AND messages.id = before.id
      AND (was = 'sending' OR was = 'queued' AND next_attempt_at <= now())
      AND {ITS_TURN}
    RETURNING kind, recipient, context, headers, dated_at, attempts, was,
    receipt_number = 0 AND EXISTS (
        SELECT FROM messages AS later
        WHERE later.business_id = messages.business_id AND later.about = messages.about
          AND later.recipient = messages.recipient AND later.version > messages.version
          AND later.receipt_number = 0 AND later.state = 'sent'
    ) AS overtaken, kind IN ('appointment_reminder', 'place_reminder') AND EXISTS (
        SELECT FROM bookings
        WHERE bookings.business_id = messages.business_id AND bookings.id = messages.about
          AND NOT (firm AND starts_at = coalesce(
              context #>> '{{appointment,starts_at}}',
              context #>> '{{attendance,session,starts_at}}'
          )::timestamptz)
    ) AS void
"""  # noqa: S608  Our own words.
NIGHT = """
    SELECT CASE WHEN mail_settings.id IS NULL THEN %(quiet_from)s ELSE quiet_from END AS begins,
        CASE WHEN mail_settings.id IS NULL THEN %(quiet_until)s ELSE quiet_until END AS ends,
        bookings.time_zone
    FROM messages
    JOIN bookings ON bookings.business_id = messages.business_id AND bookings.id = about
    LEFT JOIN mail_settings ON mail_settings.business_id = messages.business_id
    WHERE messages.business_id = %(business_id)s AND messages.id = %(id)s AND copy = 0
"""
"""Not of what a person has sent again: they know what time it is."""
QUIET_UNLESS_SET = {name: DEFAULTS[name] for name in ("quiet_from", "quiet_until")}
PUT_BACK = """
    WITH early AS (
        DELETE FROM messages WHERE business_id = %(business_id)s AND id = %(id)s
        RETURNING business_id, about, part
    )
    INSERT INTO reminders (business_id, booking_id, minutes_before, due_at)
    SELECT business_id, about, part::integer, %(due_at)s FROM early
    ON CONFLICT ON CONSTRAINT one_reminder_a_lead DO NOTHING
"""
"""As if it had not been said: a message that waits would keep a cancellation waiting."""
WAKE = """
    SELECT pg_notify('messages', '') FROM done WHERE EXISTS (
        SELECT FROM messages AS next
        WHERE next.business_id = done.business_id AND next.about = done.about
          AND next.recipient = done.recipient AND next.state = 'queued'
    )
"""
"""The dispatcher hands over the next of its line."""
SENT = f"""
    WITH done AS (
        UPDATE messages
        SET state = 'sent', sent_at = now(), next_attempt_at = NULL, failed_reason = NULL,
            subject = coalesce(%(subject)s, subject),
            context = CASE %(forgotten)s::text[] WHEN '{{}}' THEN context
                ELSE context - %(forgotten)s::text[] END
        WHERE business_id = %(business_id)s AND id = %(id)s
        RETURNING business_id, id, about, recipient
    ), arrived AS (
        DELETE FROM bounces USING done
        WHERE bounces.business_id = done.business_id AND bounces.email = done.recipient
          AND (NOT bounces.reported OR bounces.at < now() - interval '30 days')
    )
    {WAKE}
"""  # noqa: S608  Our own words.
FAILED = f"""
    WITH done AS (
        UPDATE messages
        SET state = 'failed', next_attempt_at = NULL, failed_reason = %(reason)s,
            context = CASE %(forgotten)s::text[] WHEN '{{}}' THEN context
                ELSE context - %(forgotten)s::text[] END
        WHERE business_id = %(business_id)s AND id = %(id)s
        RETURNING business_id, id, about, recipient
    )
    {WAKE}
"""  # noqa: S608  Our own words.
LATER = """
    UPDATE messages
    SET state = %(state)s, failed_reason = %(reason)s,
        next_attempt_at = now() + make_interval(secs => %(seconds)s)
    WHERE business_id = %(business_id)s AND id = %(id)s
"""
FORGET = """
    UPDATE messages SET recipient = 'erased', subject = NULL, context = '{}'
    WHERE business_id = %(business_id)s AND id = %(id)s
"""
BOUNCED = """
    INSERT INTO bounces (business_id, email, customer_id, message_id, reason, at, tell_at)
    SELECT business_id, recipient, customer_id, id, %(reason)s, %(now)s, %(now)s FROM messages
    WHERE business_id = %(business_id)s AND id = %(id)s
    ON CONFLICT ON CONSTRAINT one_bounce_an_address
    DO UPDATE SET message_id = excluded.message_id, reason = excluded.reason,
        reported = false, at = excluded.at
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
    void: bool
    """It reminds of a time that is given up."""
    headers: dict[str, str]
    """Of the trace that it belongs to."""


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
    """Hold the message's line against every other process, however often the broker delivers.

    The lock belongs to the session: it is gone the moment this process is.
    """
    try:
        line = lock(connection, message)
    except LockNotAvailable:
        yield False
        return
    if line is None:
        yield False
        return
    try:
        yield True
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (line,))


def lock(connection: Connection, message: Address) -> int | None:
    """None where there is no such message (any more)."""
    wait = f"{OTHER_SENDER_MAY_TAKE_SECONDS}s"
    with connection.pipeline(), connection.transaction():
        connection.execute(
            """
            SELECT set_config('app.business_id', %s, true), set_config('lock_timeout', %s, true),
                   set_config('statement_timeout', '0', true)
            """,
            (str(message.business_id), wait),
        )
        locked = connection.execute(LOCK, (message.business_id, message.id))
    found = locked.fetchone()
    return found["line"] if found else None


def take(connection: Connection, message: Address, sending_lasts_seconds: int) -> Taken | None:
    """Mark the message as being sent, or return None where there is nothing to send now."""
    row = step(connection, message, TAKE, sending_lasts_seconds=sending_lasts_seconds)
    if row is None:
        return None
    letter = Letter(
        business_id=message.business_id,
        id=message.id,
        kind=Kind(row["kind"]),
        recipient=row["recipient"],
        context=row["context"],
        dated_at=row["dated_at"],
    )
    maybe_sent = row["was"] == "sending"
    return Taken(
        letter,
        row["attempts"],
        maybe_sent,
        overtaken=row["overtaken"],
        void=row["void"],
        headers=row["headers"],
    )


def night_of(connection: Connection, message: Address, now: datetime) -> Night | None:
    """The quiet hours that it is in, where the reminded booking is."""
    row = step(connection, message, NIGHT, **QUIET_UNLESS_SET)
    if row is None or None in (row["begins"], row["ends"]):
        return None
    return QuietHours(row["begins"], row["ends"]).around(now, row["time_zone"])


def put_back(connection: Connection, message: Address, due_at: datetime) -> None:
    """Among the reminders to come."""
    step(connection, message, PUT_BACK, due_at=due_at)


def sent(connection: Connection, message: Address, subject: str | None, kind: Kind) -> None:
    step(connection, message, *ending(SENT, kind), subject=subject, forgotten=list(kind.secrets))


def failed(connection: Connection, message: Address, reason: str, kind: Kind) -> None:
    step(connection, message, *ending(FAILED, kind), reason=reason, forgotten=list(kind.secrets))


def ending(statement: str, kind: Kind) -> list[str]:
    """A crash in between would leave for ever what is to be forgotten."""
    return [statement, FORGET] if kind.is_last_word else [statement]


def bounced(connection: Connection, message: Address, reason: str, now: datetime) -> None:
    """Nobody has a mailbox of this address: the worker tells the others."""
    step(connection, message, BOUNCED, reason=reason, now=now)


def later(
    connection: Connection, message: Address, reason: str, seconds: float, *, maybe_sent: bool
) -> None:
    state = "sending" if maybe_sent else "queued"
    step(connection, message, LATER, state=state, reason=reason, seconds=seconds)


def step(
    connection: Connection, message: Address, *statements: str, **values: Any
) -> DictRow | None:
    """One transaction, and one round trip; the row that the last statement returns."""
    with connection.pipeline(), connection.transaction():
        connection.execute(
            "SELECT set_config('app.business_id', %s, true)", (str(message.business_id),)
        )
        named = {"business_id": message.business_id, "id": message.id, **values}
        *_, cursor = [connection.execute(statement, named) for statement in statements]
    return cursor.fetchone() if cursor.description else None
