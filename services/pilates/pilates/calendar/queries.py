from datetime import datetime, timedelta

from sqlalchemy import ARRAY, Boolean, DateTime, String, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from contracts.calendar import CalendarQuery
from contracts.permissions import Permission

LONGEST_SESSION = timedelta(days=1)
"""So the index on `starts_at` finds a range from both ends."""

INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
"""As pydantic writes instants, so that those who merge may compare them as text."""

ENTRIES = text(
    """
    WITH machines AS MATERIALIZED (
        SELECT id, kind FROM resources WHERE business_id = :business_id AND category = 'machine'
    ), broken AS MATERIALIZED (
        SELECT resource_id, during FROM outages
        WHERE business_id = :business_id AND during && tstzrange(:after, :until_all_end)
    )
    SELECT '[' || coalesce(string_agg(entry::text, ',' ORDER BY begins, id), '') || ']' FROM (
        SELECT held.starts_at AS begins, held.id, row_to_json(entry) AS entry
        FROM (
            SELECT * FROM class_sessions
            WHERE business_id = :business_id
            AND starts_at > :after AND starts_at < :until AND ends_at > :since
            AND (:sees_drafts OR status <> 'draft')
            AND (cardinality(:staff) = 0 OR instructor_id = ANY (:staff))
            AND CASE WHEN cardinality(:status) = 0 THEN status <> 'cancelled'
                ELSE status = ANY (:status) END
            AND (cardinality(:resource) = 0 OR room_id = ANY (:resource) OR EXISTS (
                SELECT FROM reservations
                WHERE reservations.business_id = class_sessions.business_id
                AND owner_id = class_sessions.id AND resource_id = ANY (:resource)
            ))
        ) AS held,
        LATERAL (SELECT
            'pilates' AS source,
            'class_session' AS kind,
            held.id,
            held.name AS title,
            to_char(held.starts_at, :instant) AS starts_at,
            to_char(held.ends_at, :instant) AS ends_at,
            held.status,
            held.instructor_id AS staff_id,
            NULL AS service_id,
            held.room_id AS resource_id,
            NULL AS customer_id,
            NULL AS customer_name,
            (
                SELECT count(*) FROM attendances
                WHERE business_id = held.business_id AND session_id = held.id
                AND attendances.status IN ('booked', 'attended', 'no_show')
                AND (pay_by IS NULL OR pay_by > :now)
            ) AS booked,
            CASE
                WHEN held.spot_kind IS NULL OR held.hold_version = 0
                    OR held.status = 'cancelled' THEN held.capacity
                ELSE (
                    SELECT least(held.capacity, count(*)) FROM reservations
                    WHERE business_id = held.business_id AND owner_id = held.id
                    AND reservations.hold_version = held.hold_version
                    AND (resource_id, held.spot_kind) IN (SELECT id, kind FROM machines)
                    AND NOT EXISTS (
                        SELECT FROM broken WHERE broken.resource_id = reservations.resource_id
                        AND broken.during && tstzrange(held.starts_at, held.ends_at)
                    )
                )
            END AS capacity,
            (
                SELECT count(*) FROM waitlist_entries
                WHERE business_id = held.business_id AND session_id = held.id
                AND waitlist_entries.status IN ('waiting', 'offered')
            ) AS waiting,
            false AS conflict,
            held.entry_version AS version
        ) AS entry
    ) AS shown
    """
).bindparams(
    bindparam("business_id", type_=Uuid),
    bindparam("after", type_=DateTime(timezone=True)),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("until_all_end", type_=DateTime(timezone=True)),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("instant", type_=String),
    bindparam("sees_drafts", type_=Boolean),
    bindparam("staff", type_=ARRAY(Uuid)),
    bindparam("resource", type_=ARRAY(Uuid)),
    bindparam("status", type_=ARRAY(String)),
)
"""Rendered by the database: the rows of a busy week are not worth an object each."""


async def find(
    session: AsyncSession,
    caller: Principal,
    wanted: CalendarQuery,
    begins: datetime,
    ends: datetime,
    now: datetime,
) -> str:
    """`CalendarEntries` as JSON: what overlaps `[begins, ends)`, in the order it begins.

    What the public may book is no secret to a member: nothing is `Busy` here. A draft is shown to
    those who plan.
    """
    if wanted.service:
        return '{"entries":[]}'
    sees_drafts = caller.may(Permission.MANAGE_CLASSES) or caller.may(Permission.MANAGE_CALENDAR)
    entries = await session.scalar(
        ENTRIES,
        {
            "business_id": caller.business_id,
            "after": begins - LONGEST_SESSION,
            "since": begins,
            "until": ends,
            "until_all_end": ends + LONGEST_SESSION,
            "now": now,
            "instant": INSTANT,
            "sees_drafts": sees_drafts,
            "staff": wanted.staff,
            "resource": wanted.resource,
            "status": wanted.status,
        },
    )
    return f'{{"entries":{entries}}}'
