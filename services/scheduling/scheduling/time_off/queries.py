from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, bindparam, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import on_wall_clock
from calendaring.occurrences import Recurrence, occurrences
from chassis.pages import read_page
from chassis.problems import NotFound
from contracts.moments import begin_of, end_of
from scheduling.copies.models import Business
from scheduling.time_asked_for import BUSINESS, STAFF, WALL_BEGINS, WALL_ENDS
from scheduling.time_off.models import TimeOff
from scheduling.time_off.schemas import TimeOffFilter
from scheduling.working_hours.local_hours import Interval

ONE_DAY = timedelta(days=1)
"""More than the wall clock ever jumps."""


class Occurrence(NamedTuple):
    id: UUID
    staff_id: UUID | None
    """None: a closure."""
    title: str
    starts_at: datetime
    ends_at: datetime
    version: int


TOUCHING = select(TimeOff).where(
    TimeOff.business_id == BUSINESS,
    TimeOff.starts_at < WALL_ENDS,
    or_(TimeOff.over_at.is_(None), TimeOff.over_at > WALL_BEGINS),
    or_(
        bindparam("of_anybody", type_=Boolean),
        TimeOff.staff_id.is_(None),
        TimeOff.staff_id == STAFF,
    ),
)
"""By the wall clock, and rather too much: the occurrences themselves tell exactly."""


async def between(
    session: AsyncSession,
    business: Business,
    begins: datetime,
    ends: datetime,
    staff_ids: Collection[UUID] | None,
) -> list[Occurrence]:
    """What touches `[begins, ends)`, as it begins: of everybody, or of these and closures."""
    zone = business.time_zone
    asked = {
        "business_id": business.id,
        "wall_begins": on_wall_clock(begins, zone) - ONE_DAY,
        "wall_ends": on_wall_clock(ends, zone) + ONE_DAY,
        "of_anybody": staff_ids is None,
        "staff_ids": list(staff_ids or ()),
    }
    found = await session.scalars(TOUCHING, asked)
    return sorted(
        (
            Occurrence(
                time_off.id,
                time_off.staff_id,
                time_off.title,
                datetime.fromtimestamp(starts, UTC),
                datetime.fromtimestamp(over, UTC),
                time_off.version,
            )
            for time_off in found
            for starts, over in within(time_off.series, zone, begins, ends)
        ),
        key=lambda one: (one.starts_at, one.id),
    )


PART = (
    select(
        literal("time_off").label("what"),
        TimeOff.staff_id,
        func.json_agg(
            func.json_build_array(
                TimeOff.starts_at,
                TimeOff.starts_fold,
                TimeOff.ends_at,
                TimeOff.ends_fold,
                TimeOff.rule,
                TimeOff.over_at,
                TimeOff.except_dates,
            ),
            type_=JSON,
        ).label("payload"),
    )
    .where(
        TimeOff.business_id == BUSINESS,
        or_(TimeOff.staff_id.is_(None), TimeOff.staff_id == STAFF),
        TimeOff.starts_at < WALL_ENDS,
        or_(TimeOff.over_at.is_(None), TimeOff.over_at > WALL_BEGINS),
    )
    .group_by(TimeOff.staff_id)
)
"""One row a person, and one of nobody for closures: what may touch the range, which the
occurrences themselves tell exactly."""


def intervals(
    payload: Iterable[Any], zone: str, begins: datetime, ends: datetime
) -> list[Interval]:
    """What a row of `PART` comes to, in epoch seconds, in no order."""
    return [one for told in payload for one in within(series_of(*told), zone, begins, ends)]


def series_of(
    starts_at: str,
    starts_fold: int,
    ends_at: str,
    ends_fold: int,
    rule: str | None,
    over_at: str | None,
    except_dates: list[str],
) -> Recurrence:
    return Recurrence(
        datetime.fromisoformat(starts_at).replace(fold=starts_fold),
        datetime.fromisoformat(ends_at).replace(fold=ends_fold),
        rule,
        datetime.fromisoformat(over_at) if over_at else None,
        tuple(date.fromisoformat(day) for day in except_dates),
    )


def within(series: Recurrence, zone: str, begins: datetime, ends: datetime) -> list[Interval]:
    return occurrences(series, zone, int(begins.timestamp()), int(ends.timestamp()))


def of(staff_ids: Collection[UUID] | None) -> ColumnElement[bool]:
    if staff_ids is None:
        return literal(True)  # noqa: FBT003
    return or_(TimeOff.staff_id.is_(None), TimeOff.staff_id.in_(staff_ids))


async def read(session: AsyncSession, business_id: UUID, id_: UUID) -> TimeOff:
    found = await session.get(TimeOff, (business_id, id_))
    if found is None:
        raise NotFound
    return found


async def find(
    session: AsyncSession, business: Business, wanted: TimeOffFilter
) -> tuple[list[TimeOff], str | None]:
    """From its first occurrence to its last, some of which may be out of the range."""
    zone = business.time_zone
    found = select(TimeOff).where(TimeOff.business_id == business.id)
    if wanted.staff_id is not None:
        found = found.where(of([wanted.staff_id]))
    if wanted.begins is not None:
        begins = on_wall_clock(begin_of(wanted.begins, zone), zone)
        found = found.where(or_(TimeOff.over_at.is_(None), TimeOff.over_at > begins))
    if wanted.ends is not None:
        found = found.where(TimeOff.starts_at < on_wall_clock(end_of(wanted.ends, zone), zone))
    return await read_page(session, found, (TimeOff.starts_at, TimeOff.id), wanted)
