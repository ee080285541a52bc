"""Classes straight into the tables, as publishing and booking would have left them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

ROOMS, MACHINES = 4, 12
"""Machines of each room, and as many places of each class."""
MINUTES, EVERY_MINUTES = 50, 80

ROOM = """
INSERT INTO resources (business_id, version, name, category, kind, quantity, turnover_minutes)
SELECT %(business)s, 1, 'Studio ' || n, 'room', 'room', 1, 10 FROM generate_series(1, %(rooms)s) n
"""
REFORMERS = """
INSERT INTO resources (
    business_id, version, name, category, kind, quantity, room_id, label, turnover_minutes)
SELECT business_id, 1, 'Reformer ' || n, 'machine', 'reformer', 1, id, 'R' || n, 0
FROM resources, generate_series(1, %(machines)s) n WHERE business_id = %(business)s
"""
SESSIONS = f"""
INSERT INTO class_sessions (
    business_id, version, sequence, entry_version, status, overridden, name, description, capacity,
    starts_at, ends_at, room_id, room_name, spot_kind, hold_version, last_version, made_at,
    published_at, credit_cost, price_cents, late_cancel_window_minutes, waitlist_mode,
    waitlist_cutoff_minutes, offer_minutes, decline_minutes, largest_party, props)
SELECT %(business)s, 1, 0, 1, 'published', '{{}}', 'Reformer Flow', 'All levels', %(machines)s,
       starts_at, starts_at + interval '{MINUTES} min', room.id, room.name, 'reformer', 1, 1,
       now(), now(), 1, 2500, 720, 'promote', 120, 30, 60, 4, '[]'
FROM (SELECT id, name, row_number() OVER () - 1 AS number FROM resources
      WHERE business_id = %(business)s AND category = 'room') AS room,
     generate_series(0, %(count)s - 1) AS n,
     LATERAL (SELECT %(begins)s::timestamptz
                     + n / %(rooms)s * interval '{EVERY_MINUTES} min' AS starts_at) AS time
WHERE n %% %(rooms)s = room.number
"""
RESERVATIONS = """
INSERT INTO reservations (business_id, resource_id, reserved_for, owner_id, hold_version, during,
                          quantity, exclusive, pooled)
SELECT session.business_id, thing.id, 'session', session.id, 1, tstzrange(starts_at, ends_at), 1,
       true, false
FROM class_sessions AS session JOIN resources AS thing
     ON thing.business_id = session.business_id AND session.room_id IN (thing.id, thing.room_id)
WHERE session.business_id = %(business)s
"""
PLACES = """
INSERT INTO attendances (
    business_id, version, sequence, status, session_id, starts_at, ends_at, during, person,
    customer_name, party_id, paid_with, credits, price_cents, payment_status, booked_at)
SELECT business_id, 1, 0, 'booked', id, starts_at, ends_at, tstzrange(starts_at, ends_at),
       uuidv7()::text, 'Gitta Guest', uuidv7(), 'at_studio', 0, 2500, 'none', now()
FROM class_sessions, generate_series(1, %(machines)s) WHERE business_id = %(business)s
"""
WAITING = """
INSERT INTO waitlist_entries (business_id, version, status, session_id, person, customer_name,
                              party_size, pays_with, rank, joined_at)
SELECT business_id, 1, 'waiting', id, uuidv7()::text, 'Wim', 1, 'at_studio', 1, now()
FROM class_sessions WHERE business_id = %(business)s
"""


@dataclass(frozen=True)
class Classes:
    """So many from then on: each full, with somebody who waits."""

    business_id: UUID
    begins: datetime
    count: int

    def book(self, connection: psycopg.Connection) -> None:
        told = {
            "business": self.business_id,
            "begins": self.begins,
            "count": self.count,
            "rooms": ROOMS,
            "machines": MACHINES,
        }
        with connection.transaction():
            # Whom they refer to is of no matter here, and nobody listens.
            connection.execute("SET LOCAL session_replication_role = replica")
            for statement in (ROOM, REFORMERS, SESSIONS, RESERVATIONS, PLACES, WAITING):
                connection.execute(statement, told)
