"""A client looks at their bookings, in a portal that knows many others'."""

import json
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import repeat
from typing import Any
from uuid import UUID, uuid4

import psycopg

from tests.bench.callers import Caller, crowd, written
from tests.bench.report import Report, at_most
from tests.bench.whole_stack import WholeStack
from tests.studio import sign_up

CLIENTS, BOOKINGS_EACH, SHOWN = 1_000, 200, 50
READS, WARM_UP = 400, 40
SECRET = "b" * 43

CUSTOMERS = """
INSERT INTO customers (business_id, version, name, email)
SELECT %(business)s, 1, 'Client ' || n, 'client' || n || '@example.com'
FROM generate_series(1, %(clients)s) AS n
"""
BOOKINGS = """
INSERT INTO bookings (business_id, id, kind, version, status, customer_id, starts_at, ends_at,
                      service_id, told, told_at)
SELECT %(business)s, id, 'appointment', 1, 'confirmed', customer, at, at + interval '1 hour',
       %(service)s,
       %(told)s::jsonb || jsonb_build_object('id', id, 'uid', id || '@bookly', 'customer_id',
           customer, 'starts_at', at, 'ends_at', at + interval '1 hour'),
       now()
FROM (SELECT uuidv7() AS id, c.id AS customer, %(from)s + n * interval '1 day' AS at
      FROM customers c, generate_series(1, %(each)s) AS n WHERE c.business_id = %(business)s) AS b
"""
SERVICE = """
INSERT INTO services (business_id, id, version, cancellation_window_minutes)
VALUES (%(business)s, %(service)s, 1, 1440)
"""
SESSION = """
INSERT INTO portal_sessions (business_id, id, customer_id, secret_hash, device, kept, created_at,
                             seen_at, expires_at)
SELECT %(business)s, %(session)s, id, %(hash)s, 'bench', true, now(), now(),
       now() + interval '1 day'
FROM customers WHERE business_id = %(business)s ORDER BY id LIMIT 1
"""


def told() -> dict[str, Any]:
    """What all of them say."""
    return {
        "version": 1,
        "sequence": 0,
        "status": "confirmed",
        "service_id": str(uuid4()),
        "service_name": "Private reformer",
        "staff_id": str(uuid4()),
        "staff_name": "Tessa",
        "customer_name": "Client",
        "customer_email": None,
        "customer_phone": None,
        "price_cents": 9500,
        "currency": "EUR",
        "business_name": "Core",
        "time_zone": "Europe/Berlin",
        "locale": "en",
    }


def seed(connection: psycopg.Connection, business_id: UUID, session_id: UUID) -> None:
    known = {
        "business": business_id,
        "service": uuid4(),
        "session": session_id,
        "hash": sha256(SECRET.encode()).hexdigest(),
        "clients": CLIENTS,
        "each": BOOKINGS_EACH,
        # Half of them are over.
        "from": datetime.now(UTC) - timedelta(days=BOOKINGS_EACH // 2),
        "told": json.dumps(told()),
    }
    with connection.transaction():
        for statement in (CUSTOMERS, SERVICE, BOOKINGS, SESSION):
            connection.execute(statement, known)


def test_my_bookings(whole: WholeStack, report: Report) -> None:
    business_id, session_id = UUID(whole.with_gateway(sign_up).business_id), uuid4()
    with whole.connect("portal") as connection:
        connection.autocommit = True
        mine = "SELECT count(*) FROM businesses WHERE business_id = %s"
        while not connection.execute(mine, [business_id]).fetchone()[0]:  # type: ignore[index]
            time.sleep(0.05)
        seed(connection, business_id, session_id)
        connection.execute("VACUUM ANALYZE")
    cookie = {"Cookie": f"__Host-bookly-portal={business_id}.{session_id}.{SECRET}"}
    path = f"/api/portal/bookings?limit={SHOWN}"
    seen = json.loads(Caller(whole.port("gateway"), cookie).ask(path))
    assert len(seen["items"]) == SHOWN
    assert seen["next_cursor"]
    request = written("GET", path, cookie)
    crowd(whole.port("gateway"), repeat(request, WARM_UP), 1)
    answers = crowd(whole.port("gateway"), repeat(request, READS), 1)
    assert answers.statuses == {200: READS}
    report.keep(
        f"my bookings, {SHOWN} among {CLIENTS * BOOKINGS_EACH:,}, through the gateway: p95",
        answers.percentile(95) * 1000,
        at_most(40, "ms"),
        ours=f"p50 {answers.percentile(50) * 1000:.0f} ms",
    )
