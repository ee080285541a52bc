"""A week of a full calendar: what we add to reading its rows, and what years of history add."""

import asyncio
import json
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from urllib.parse import urlencode

import asyncpg

from tests.bench import seeding
from tests.bench.callers import Caller
from tests.bench.ground import Ground
from tests.bench.in_turns import Rounds, in_turns
from tests.bench.peers.throw_away import NotMeasured, Peers
from tests.bench.report import Report, at_least, at_most
from tests.bench.studio import DURATION

ROWS_A_WEEK = 800
APART = timedelta(weeks=1) / ROWS_A_WEEK
MANY, FEW = 1_000_000, 10_000
WEEK = timedelta(days=7)
GOAL = at_least(300)
TIMES = 15
ROWS = """
SELECT id, version, status, starts_at, ends_at, staff_id, service_id, service_name,
       customer_id, customer_name
FROM appointments
WHERE business_id = $1 AND starts_at > $2::timestamptz - interval '1 day'
  AND starts_at < $3::timestamptz AND ends_at > $2::timestamptz AND status <> 'cancelled'
ORDER BY starts_at, id
"""


def monday() -> datetime:
    """The next one, at midnight in UTC."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


class BareSelect:
    """The rows of the same week by the same index, and nothing else."""

    def __init__(self, ground: Ground, database: str, begins: datetime) -> None:
        self._runner = asyncio.Runner()
        self._arguments = (ground.studio.id, begins, begins + WEEK)
        self._connection = self._runner.run(asyncpg.connect(ground.postgres.url(database)))

    def __enter__(self) -> "BareSelect":
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()

    def rows(self) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = self._runner.run(
            self._connection.fetch(ROWS, *self._arguments)
        )
        return found

    def seconds(self) -> float:
        async def fetched() -> float:
            taken = []
            for _ in range(TIMES):
                begun = time.perf_counter()
                await self._connection.fetch(ROWS, *self._arguments)
                taken.append(time.perf_counter() - begun)
            return median(taken)

        return self._runner.run(fetched())


def test_week(prepared: Ground, peers: Peers, report: Report) -> None:
    begins = monday()
    query = urlencode({"from": begins.isoformat(), "to": (begins + WEEK).isoformat()})
    path = f"/api/calendar?{query}"
    with ExitStack() as open_:
        callers = {}
        for count in (FEW, MANY):
            database = prepared.copy(f"week_of_{count}")
            with prepared.connect(database) as connection:
                middle = begins + WEEK / 2
                seeding.book_many(connection, prepared.studio, count, middle, APART)
                seeding.settle(connection)
            port = open_.enter_context(prepared.scheduling(database))
            callers[count] = Caller(port, prepared.bearer)
        bare = open_.enter_context(BareSelect(prepared, database, begins))
        told = json.loads(callers[MANY].ask(path))["entries"]
        rows = bare.rows()
        assert [entry["id"] for entry in told] == [str(row["id"]) for row in rows]
        assert abs(len(rows) - ROWS_A_WEEK) <= 2
        rounds = in_turns(
            many=lambda: callers[MANY].seconds(path, TIMES),
            bare=bare.seconds,
            few=lambda: callers[FEW].seconds(path, TIMES),
        )
        keep(report, rounds)
        against_peer(prepared, peers, report, callers[MANY], path)


def keep(report: Report, rounds: Rounds) -> None:
    what = f"calendar week, {ROWS_A_WEEK} rows of {MANY:,}"
    ours = f"{rounds.median('many') * 1000:.2f} ms"
    report.keep(
        f"{what}: against the bare SELECT",
        rounds.ratio("many", "bare"),
        at_most(4),
        ours=ours,
        other=f"asyncpg {rounds.median('bare') * 1000:.2f} ms",
    )
    report.keep(
        f"{what}: against {FEW:,}",
        rounds.ratio("many", "few"),
        at_most(1.3),
        ours=ours,
        other=f"of {FEW:,} rows {rounds.median('few') * 1000:.2f} ms",
    )


def against_peer(ground: Ground, peers: Peers, report: Report, caller: Caller, path: str) -> None:
    """It reads all that has begun before the week ends, so it is spared the million."""
    what = f"calendar week, {ROWS_A_WEEK} rows: against django-scheduler's of {FEW:,}"
    begins = monday()
    told = {
        "database_url": ground.empty_database("scheduler"),
        "begins": begins.isoformat(),
        "middle": (begins + WEEK / 2).isoformat(),
        "every_seconds": APART.total_seconds(),
        "count": FEW,
        "duration": DURATION,
    }
    try:
        with peers.peer("scheduler_week", told) as peer:
            rounds = in_turns(
                ours=lambda: caller.seconds(path, TIMES), peer=peer.seconds, warm_up=False
            )
            assert abs(peer.found - ROWS_A_WEEK) <= 2
    except NotMeasured as why:
        report.leave_out(what, GOAL, str(why))
        return
    report.keep(
        what,
        rounds.ratio("peer", "ours"),
        GOAL,
        ours=f"{rounds.median('ours') * 1000:.2f} ms",
        other=f"django-scheduler {rounds.median('peer'):.2f} s",
    )
