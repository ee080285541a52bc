from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, DateTime, String, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from contracts.calendar import BUSY, CalendarEntry, CalendarQuery
from contracts.permissions import Permission

LONGEST_APPOINTMENT = timedelta(days=1)
"""So the index on `starts_at` finds a range from both ends."""

ENTRIES = text(
    """
    WITH absences AS (
        SELECT * FROM unnest(:absent, :begins, :ends, :entries)
            AS absence (staff_id, begins, ends, entry)
    )
    SELECT coalesce(json_agg(entry ORDER BY starts_at, id), '[]')::text FROM (
        SELECT starts_at, id::text, json_build_object(
            'source', 'scheduling',
            'kind', 'appointment',
            'id', id,
            'title', CASE WHEN known THEN service_name || ' · ' || customer_name ELSE :busy END,
            'starts_at', to_char(starts_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'ends_at', to_char(ends_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'status', status,
            'staff_id', staff_id,
            'service_id', CASE WHEN known THEN service_id END,
            'resource_id', NULL,
            'customer_id', CASE WHEN known THEN customer_id END,
            'customer_name', CASE WHEN known THEN customer_name END,
            'conflict', known AND EXISTS (
                SELECT FROM absences
                WHERE coalesce(absences.staff_id, booked.staff_id) = booked.staff_id
                AND absences.begins < booked.ends_at AND booked.starts_at < absences.ends
            ),
            'version', version
        ) AS entry
        FROM (
            SELECT *, (:sees_all OR coalesce(staff_id = :own, false)) AS known
            FROM appointments
            WHERE business_id = :business_id
            AND starts_at > :after AND starts_at < :until AND ends_at > :since
            AND (cardinality(:staff) = 0 OR staff_id = ANY (:staff))
            AND (cardinality(:service) = 0 OR service_id = ANY (:service))
            AND CASE WHEN cardinality(:status) = 0 THEN status <> 'cancelled'
                ELSE status = ANY (:status) END
        ) AS booked
        UNION ALL
        SELECT begins, '', entry::json FROM absences WHERE entry IS NOT NULL
    ) AS shown
    """
).bindparams(
    bindparam("absent", type_=ARRAY(Uuid)),
    bindparam("begins", type_=ARRAY(DateTime(timezone=True))),
    bindparam("ends", type_=ARRAY(DateTime(timezone=True))),
    bindparam("entries", type_=ARRAY(String)),
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
    absences: Sequence[CalendarEntry],
) -> str:
    """`CalendarEntries` as JSON: what overlaps `[begins, ends)`, in the order it begins.

    Absences are people's time off and connected calendars; they mark what they overlap, and are
    shown themselves unless only appointments were asked for.
    """
    if wanted.resource:
        return '{"entries":[]}'
    sees_all = caller.may(Permission.MANAGE_CALENDAR)
    shows_absences = not (wanted.service or wanted.status)

    def seen(absence: CalendarEntry) -> str | None:
        if not shows_absences:
            return None
        known = sees_all or absence.staff_id in (None, caller.staff_id)
        return (absence if known else absence.as_busy()).model_dump_json()

    entries = await session.scalar(
        ENTRIES,
        {
            "absent": [absence.staff_id for absence in absences],
            "begins": [absence.starts_at for absence in absences],
            "ends": [absence.ends_at for absence in absences],
            "entries": [seen(absence) for absence in absences],
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
