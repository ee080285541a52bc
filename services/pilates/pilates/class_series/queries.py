from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import InZone, in_zone
from chassis.pages import read_page
from chassis.problems import NotFound
from pilates.class_series.models import ClassSeries
from pilates.class_series.schemas import InSeries, SeriesFilter, SeriesSummary, SeriesView
from pilates.class_sessions import queries as class_sessions
from pilates.class_sessions.models import ClassSession


def expected_start(series: ClassSeries, occurs_on: datetime) -> InZone:
    return in_zone(occurs_on + timedelta(minutes=series.moved_minutes), series.time_zone)


async def find(
    session: AsyncSession, business_id: UUID, wanted: SeriesFilter
) -> tuple[list[ClassSeries], str | None]:
    found = select(ClassSeries).where(ClassSeries.business_id == business_id)
    if wanted.template_id:
        found = found.where(ClassSeries.template_id == wanted.template_id)
    return await read_page(session, found, (ClassSeries.made_at, ClassSeries.id), wanted)


async def read(
    session: AsyncSession, business_id: UUID, series_id: UUID, now: datetime
) -> SeriesView:
    series = await session.get(ClassSeries, (business_id, series_id))
    if series is None:
        raise NotFound
    rows = await sessions_of(session, series)
    views = await class_sessions.views(session, business_id, rows, now)
    return SeriesView(
        **SeriesSummary.model_validate(series).model_dump(),
        sessions=[
            InSeries(session=seen, moved_by_gap=expected_start(series, occurs_on).moved_by_gap)
            for seen in views
            if (occurs_on := seen.occurs_on)
        ],
    )


async def sessions_of(session: AsyncSession, series: ClassSeries) -> list[ClassSession]:
    """In the order of the rule."""
    found = await session.scalars(
        select(ClassSession)
        .where(ClassSession.business_id == series.business_id, ClassSession.series_id == series.id)
        .order_by(ClassSession.occurs_on)
    )
    return list(found)
