from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import InZone, in_zone, instant_of, on_wall_clock
from chassis import audit
from chassis.auth import Principal
from chassis.due_rows import Key
from chassis.runtime import Runtime
from pilates.class_series.models import ClassSeries
from pilates.class_series.occurrences import counted, local_starts
from pilates.class_series.problems import SeriesConflicts
from pilates.class_series.schemas import MadeSeries, Occurrence, SeriesWrite
from pilates.class_sessions.asking_first import who_is_not_free
from pilates.class_sessions.commands import FROM_TEMPLATE, draft, lasting, values_from
from pilates.class_sessions.models import ClassSession
from pilates.class_sessions.proposal import Proposal
from pilates.class_sessions.proposing import propose_together
from pilates.class_templates.naming import named
from pilates.copies.models import Business
from pilates.copies.queries import known_business


@dataclass(frozen=True)
class Plan:
    """What all sessions of a series have in common, looked up."""

    business: Business
    wanted: SeriesWrite
    values: dict[str, Any]
    names: dict[str, Any]
    starts: list[tuple[datetime, InZone]]
    """By the rule, and as it comes to be."""


@dataclass
class Made:
    plan: Plan
    series: ClassSeries
    rows: list[ClassSession]
    occurs_on: dict[UUID, datetime]
    """By session."""
    refused: dict[datetime, dict[str, Any]] = field(default_factory=dict)
    """By `occurs_on`."""


async def create(
    session: AsyncSession, runtime: Runtime, caller: Principal, wanted: SeriesWrite, now: datetime
) -> tuple[MadeSeries, Key | None]:
    """All of it, or what is possible of it; with a session that waits for its instructor."""
    plan = await planned(session, runtime, caller, wanted)
    if wanted.dry_run:
        return await tried_out(session, runtime, caller, plan, now), None
    made = await begin(session, plan, now)
    if wanted.publish:
        await publish(session, made, caller.actor, now)
        if made.refused and (wanted.on_conflict == "refuse" or not made.rows):
            raise conflicts(shown(made).occurrences)
    after = {"rule": made.series.rule, "sessions": [str(row.id) for row in made.rows]}
    audit.record(session, caller, "class-series.created", made.series.id, at=now, after=after)
    waiting = [(row.business_id, row.id) for row in made.rows if row.settle_at]
    return shown(made), waiting[0] if waiting else None


async def planned(
    session: AsyncSession, runtime: Runtime, caller: Principal, wanted: SeriesWrite
) -> Plan:
    business = await known_business(session, runtime, caller.business_id)
    values = await values_from(session, business, wanted, wanted.template_id)
    names = {name: values[name] for name in ("instructor_id", "room_id", "props")}
    found = await named(session, runtime, business.business_id, **names)
    zone, first = business.time_zone, wanted.starts_at
    if first.tzinfo is not None:
        first = on_wall_clock(instant_of(first, zone), zone)
    starts = local_starts(wanted.rule, first, lasting(values))
    return Plan(business, wanted, values, vars(found), [(at, in_zone(at, zone)) for at in starts])


async def begin(session: AsyncSession, plan: Plan, now: datetime) -> Made:
    wanted, starts = plan.wanted, plan.starts
    series = ClassSeries(
        business_id=plan.business.business_id,
        version=1,
        template_id=wanted.template_id,
        rule=counted(wanted.rule, len(starts)),
        starts_at=starts[0][0],
        time_zone=plan.business.time_zone,
        moved_minutes=0,
        differs=sorted(wanted.model_fields_set & set(FROM_TEMPLATE)),
        except_for=[],
        split_from=None,
        made_at=now,
    )
    session.add(series)
    await session.flush()
    rows = [occurring(plan, series, occurs_on, at, now) for occurs_on, at in starts]
    # With ids that are known before, a hundred rows are one statement.
    ids = select(func.uuidv7(type_=Uuid())).select_from(func.generate_series(1, len(rows)))
    for row, id_ in zip(rows, await session.scalars(ids), strict=True):
        row.id = id_
    session.add_all(rows)
    await session.flush()
    by_rule = (occurs_on for occurs_on, _ in starts)
    return Made(plan, series, rows, dict(zip((row.id for row in rows), by_rule, strict=True)))


def occurring(
    plan: Plan, series: ClassSeries, occurs_on: datetime, at: InZone, now: datetime
) -> ClassSession:
    values = plan.values | {"starts_at": at.instant}
    where = {"series_id": series.id, "occurs_on": occurs_on}
    return draft(plan.business, values, plan.names, plan.wanted.template_id, now, **where)


async def publish(session: AsyncSession, made: Made, actor: str, now: datetime) -> None:
    """Those that cannot be held are not kept."""
    skip = made.plan.wanted.on_conflict == "skip"
    proposal = Proposal(actor=actor, fresh=True, may_be_skipped=skip)
    rows = {row.id: row for row in made.rows}
    proposals = [(row, proposal) for row in made.rows]
    proposed = await propose_together(session, made.plan.business, proposals, made.series.id, now)
    note_refused(made, {id_: problem.details() for id_, problem in proposed.refused.items()})
    made.rows = [row for id_, row in rows.items() if id_ not in proposed.refused]
    for id_ in proposed.refused:
        await session.delete(rows[id_])
    await session.flush()


def note_refused(made: Made, problems: dict[UUID, dict[str, Any]]) -> None:
    for session_id, problem in problems.items():
        made.refused.setdefault(made.occurs_on[session_id], problem)


async def tried_out(
    session: AsyncSession, runtime: Runtime, caller: Principal, plan: Plan, now: datetime
) -> MadeSeries:
    """As it would be: done, looked at, and undone."""
    attempt = await session.begin_nested()
    made = await begin(session, plan, now)
    busy = await who_is_not_free(runtime, made.rows, [Proposal(actor="")] * len(made.rows), now)
    await publish(session, made, caller.actor, now)
    note_refused(made, busy)
    tried = shown(made)
    await attempt.rollback()
    for one in tried.occurrences:
        one.session_id = None
    return tried.model_copy(update={"id": None})


def shown(made: Made) -> MadeSeries:
    plan, lasts = made.plan, lasting(made.plan.values)
    ids = {made.occurs_on[row.id]: row.id for row in made.rows}
    return MadeSeries(
        id=made.series.id,
        template_id=made.series.template_id,
        rule=made.series.rule,
        time_zone=made.series.time_zone,
        occurrences=[
            Occurrence(
                occurs_on=occurs_on,
                starts_at=at.instant,
                ends_at=at.instant + lasts,
                moved_by_gap=at.moved_by_gap,
                refused=made.refused.get(occurs_on),
                session_id=ids.get(occurs_on),
            )
            for occurs_on, at in plan.starts
        ],
    )


def conflicts(occurrences: Sequence[Occurrence]) -> SeriesConflicts:
    """To be raised."""
    return SeriesConflicts(
        conflicts=[
            one.model_dump(mode="json", include={"occurs_on", "starts_at"})
            | {"problem": one.refused}
            for one in occurrences
            if one.refused
        ]
    )
