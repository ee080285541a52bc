"""Appointments straight into the tables, as booking would have left them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import psycopg

from tests.bench.studio import BUFFER_AFTER, BUFFER_BEFORE, DURATION, PEOPLE, Studio
from tests.bench.work import Work

WANTED = """
CREATE TEMP TABLE wanted (id uuid DEFAULT uuidv7(), staff_id uuid, starts_at timestamptz)
"""
MANY = """
INSERT INTO wanted (staff_id, starts_at)
SELECT (%(staff)s::uuid[])[1 + (n + %(count)s) %% cardinality(%(staff)s::uuid[])],
       %(middle)s::timestamptz + n * %(every)s::interval
FROM generate_series(-%(count)s / 2, %(count)s / 2 - 1) AS n
"""
CLAIMS = f"""
INSERT INTO claims (business_id, id, kind, staff_id, starts_at, ends_at, during)
SELECT %(business)s, id, 'appointment', staff_id, starts_at, starts_at + '{DURATION} min',
       tstzrange(starts_at - interval '{BUFFER_BEFORE} min',
                 starts_at + interval '{DURATION + BUFFER_AFTER} min')
FROM wanted
"""
APPOINTMENTS = f"""
INSERT INTO appointments (
    business_id, id, version, sequence, status, service_id, service_name, staff_id, staff_name,
    customer_name, customer_email, starts_at, ends_at, buffer_before_minutes,
    buffer_after_minutes, price_cents, currency, deposit_cents, deposit_status, answers, booked_at)
SELECT %(business)s, id, 1, 0, 'confirmed', %(service)s, 'Reformer private', staff_id, 'Tessa',
       'Gitta Guest', 'gitta@example.com', starts_at, starts_at + '{DURATION} min',
       {BUFFER_BEFORE}, {BUFFER_AFTER}, 9500, 'EUR', 0, 'none', '{{}}', now()
FROM wanted
"""


def book(connection: psycopg.Connection, studio: Studio, work: Work) -> None:
    rows = ((studio.staff[b.person], b.starts_at) for b in work.bookings)
    _store(connection, studio, rows)


def book_many(
    connection: psycopg.Connection, studio: Studio, count: int, middle: datetime, every: timedelta
) -> None:
    """One after the other, person by person, as many before the middle as after it.

    `every` is far enough apart for nobody to have two at once. What they claim is left out: it is
    in no calendar, and its index takes minutes to fill.
    """
    with connection.transaction():
        connection.execute(WANTED)
        told = {"staff": studio.staff, "middle": middle, "every": every, "count": count}
        connection.execute(MANY, told)
        _move(connection, studio, APPOINTMENTS)


def _store(
    connection: psycopg.Connection, studio: Studio, rows: Iterable[tuple[UUID, datetime]]
) -> None:
    with connection.transaction():
        connection.execute(WANTED)
        with connection.cursor().copy("COPY wanted (staff_id, starts_at) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        _move(connection, studio, CLAIMS, APPOINTMENTS)


def _move(connection: psycopg.Connection, studio: Studio, *into: str) -> None:
    told = {"business": studio.id, "service": studio.services[PEOPLE]}
    # Nobody listens yet, and what is generated refers to rows that are there.
    connection.execute("SET LOCAL session_replication_role = replica")
    for table in into:
        connection.execute(table, told)
    connection.execute("DROP TABLE wanted")


def settle(connection: psycopg.Connection) -> None:
    """What autovacuum would have done by the time that anybody asks."""
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
