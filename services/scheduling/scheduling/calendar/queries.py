from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, Boolean, DateTime, String, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from contracts.calendar import BUSY, CalendarEntry, CalendarQuery
from contracts.permissions import Permission

LONGEST_APPOINTMENT = timedelta(days=1)
"""So the index on `starts_at` finds a range from both ends."""

INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
"""As pydantic writes instants, so that those who merge may compare them as text."""

ENTRIES = text(
    """
    WITH absences AS (
        SELECT * FROM unnest(:absent, :begins, :ends, :entries)
            AS time_off (staff_id, begins, ends, entry)
        UNION ALL
        SELECT staff_id, lower(during), upper(during), CASE WHEN :shows_absences THEN (
            SELECT row_to_json(entry)::text FROM (SELECT
                'scheduling' AS source,
                'busy' AS kind,
                calendar_id AS id,
                :busy AS title,
                to_char(lower(during), :instant) AS starts_at,
                to_char(upper(during), :instant) AS ends_at,
                'confirmed' AS status,
                staff_id,
                1 AS version
            ) AS entry
        ) END
        FROM busy_times
        WHERE business_id = :business_id AND during && tstzrange(:since, :until)
        AND (cardinality(:staff) = 0 OR staff_id = ANY (:staff))
    )
    SELECT '[' || coalesce(string_agg(entry::text, ',' ORDER BY begins, id), '') || ']' FROM (
        SELECT booked.starts_at AS begins, booked.id::text, row_to_json(entry) AS entry
        FROM (
            SELECT *, (:sees_all OR coalesce(staff_id = :own, false)) AS known
            FROM appointments
            WHERE business_id = :business_id
            AND starts_at > :after AND starts_at < :until AND ends_at > :since
            AND (cardinality(:staff) = 0 OR staff_id = ANY (:staff))
            AND CASE WHEN cardinality(:status) = 0 THEN status <> 'cancelled'
                ELSE status = ANY (:status) END
        ) AS booked,
        LATERAL (SELECT
            'scheduling' AS source,
            'appointment' AS kind,
            id,
            CASE WHEN known THEN service_name || ' · ' || customer_name ELSE :busy END AS title,
            to_char(starts_at, :instant) AS starts_at,
            to_char(ends_at, :instant) AS ends_at,
            status,
            staff_id,
            CASE WHEN known THEN service_id END AS service_id,
            NULL AS resource_id,
            CASE WHEN known THEN customer_id END AS customer_id,
            CASE WHEN known THEN customer_name END AS customer_name,
            known AND EXISTS (
                SELECT FROM absences
                WHERE coalesce(absences.staff_id, booked.staff_id) = booked.staff_id
                AND absences.begins < booked.ends_at AND booked.starts_at < absences.ends
            ) AS conflict,
            version
        ) AS entry
        -- Who may not know the service may not find it by asking for it either.
        WHERE cardinality(:service) = 0 OR (known AND booked.service_id = ANY (:service))
        UNION ALL
        SELECT begins, '', entry::json FROM absences WHERE entry IS NOT NULL
    ) AS shown
    """
).bindparams(
    bindparam("absent", type_=ARRAY(Uuid)),
    bindparam("begins", type_=ARRAY(DateTime(timezone=True))),
    bindparam("ends", type_=ARRAY(DateTime(timezone=True))),
    bindparam("entries", type_=ARRAY(String)),
    bindparam("shows_absences", type_=Boolean),
    bindparam("sees_all", type_=Boolean),
    bindparam("busy", type_=String),
    bindparam("instant", type_=String),
    bindparam("business_id", type_=Uuid),
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("after", type_=DateTime(timezone=True)),
    bindparam("own", type_=Uuid),
    bindparam("staff", type_=ARRAY(Uuid)),
    bindparam("service", type_=ARRAY(Uuid)),
    bindparam("status", type_=ARRAY(String)),
)
"""Rendered by the database: the rows of a busy week are not worth an object each."""


async def find(
    session: AsyncSession,
    caller: Principal,
    wanted: CalendarQuery,
    begins: datetime,
    ends: datetime,
    time_off: Sequence[CalendarEntry],
) -> str:
    """`CalendarEntries` as JSON: what overlaps `[begins, ends)`, in the order it begins.

    Time off and connected calendars mark what they overlap, and are shown themselves unless only
    appointments were asked for.
    """
    if wanted.resource:
        return '{"entries":[]}'
    sees_all = caller.may(Permission.MANAGE_CALENDAR)
    shows_absences = not (wanted.service or wanted.status)

    def seen(one: CalendarEntry) -> str | None:
        if not shows_absences:
            return None
        known = sees_all or one.staff_id in (None, caller.staff_id)
        return (one if known else one.as_busy()).model_dump_json()

    entries = await session.scalar(
        ENTRIES,
        {
            "absent": [one.staff_id for one in time_off],
            "begins": [one.starts_at for one in time_off],
            "ends": [one.ends_at for one in time_off],
            "entries": [seen(one) for one in time_off],
            "shows_absences": shows_absences,
            "instant": INSTANT,
            "busy": BUSY,
            "sees_all": sees_all,
            "own": caller.staff_id,
            "business_id": caller.business_id,
            "after": begins - LONGEST_APPOINTMENT,
            "until": ends,
            "since": begins,
            "staff": wanted.staff,
            "service": wanted.service,
            "status": wanted.status,
        },
    )
    return f'{{"entries":{entries}}}'
